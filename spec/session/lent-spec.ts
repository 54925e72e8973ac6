// What a link hands up is lent: whatever becomes of it afterwards, nothing that is kept changes.

import { map, Observable, Subject } from 'rxjs';
import * as rxkcp from 'rxkcp';
import {
  type Burst,
  connect,
  type Hub,
  type Link,
  listen,
  memoryPair,
  type PeerBurst,
  type Session,
  type SessionOptions,
} from 'rxkcp';
import { arq, decrypt, fecDecode } from 'rxkcp/operators';
import { impair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { type CipherName, KEY_BYTES, makeCipher } from '../support/ciphers.ts';
import { encoded } from '../support/fec.ts';
import { lending } from '../support/lending.ts';
import { push, text, words } from '../support/marbles.ts';
import { bytes, integer, pick, seeded, seeds } from '../support/random.ts';

const CIPHERS: (CipherName | undefined)[] = [undefined, 'none', 'salsa20', 'aes', 'aes-256-gcm', 'sm4', '3des', 'xor'];

interface Plan {
  readonly cipher: CipherName | undefined;
  readonly fec: boolean;
  readonly stream: boolean;
  /** The reader stops now and then. */
  readonly slow: boolean;
  readonly apart: boolean;
  readonly isTraced: boolean;
  readonly loss: number;
}

function draw(random: () => number): Plan {
  return {
    cipher: pick(random, CIPHERS),
    fec: random() < 0.5,
    stream: random() < 0.5,
    slow: random() < 0.5,
    apart: random() < 0.3,
    isTraced: random() < 0.5,
    loss: pick(random, [0, 0.05, 0.2]),
  };
}

/** Messages that arrive of those that were sent, over a bad network. */
function converse(plan: Plan, seed: number): { sent: Uint8Array[]; arrived: Uint8Array[]; traced: number[] } {
  const random = seeded(seed);
  const scheduler = new VirtualScheduler();
  const network = { loss: plan.loss, duplicate: 0.05, reorder: 0.1, delay: 10, jitter: 5 };
  const [left, right] = memoryPair();
  const options = (): SessionOptions => ({
    conv: 1,
    mode: 'fast3',
    scheduler,
    stream: plan.stream,
    receiveWindow: 64,
    cipher: plan.cipher && makeCipher(rxkcp, plan.cipher, new Uint8Array(KEY_BYTES[plan.cipher]).fill(7)),
    fec: plan.fec ? { data: 5, parity: 2 } : undefined,
  });
  const open = (link: Link): Session => {
    let opened: Session | undefined;
    connect({ link: lending(link, plan.apart), ...options() }).subscribe((session) => {
      opened = session;
    });
    return opened as Session;
  };
  const sender = open(impair({ ...network, seed, scheduler })(left));
  const reader = open(right);
  const sent: Uint8Array[] = [];
  const arrived: Uint8Array[] = [];
  const traced: number[] = [];
  if (plan.isTraced) reader.trace$('recv').subscribe(({ sn }) => traced.push(sn));
  reader.subscribe((message) => {
    arrived.push(message);
    if (!plan.slow || random() > 0.1) return;
    reader.pause();
    scheduler.schedule(() => reader.resume(), integer(random, 1, 300));
  });
  for (let i = 0; i < 60; i++) {
    const message = bytes(random, pick(random, [1, 40, 1300, 5000, 30_000]));
    sent.push(message);
    scheduler.schedule(() => sender.next(message), i * 7);
  }
  scheduler.run(60_000);
  sender.close();
  reader.close();
  return { sent, arrived, traced };
}

const joined = (messages: readonly Uint8Array[]): string => Buffer.concat(messages).toString('base64');

describe('a session over a link that lends', () => {
  test.each(seeds(40))('delivers what was sent, and what it has delivered stays (seed %i)', (seed) => {
    const plan = draw(seeded(1000 + seed));
    const { sent, arrived, traced } = converse(plan, seed);
    if (!plan.stream) expect(arrived.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
    expect(joined(arrived) === joined(sent), JSON.stringify(plan)).toBe(true);
    // Read from headers that came long ago.
    expect(traced.length).toBe(plan.isTraced ? arrived.length : 0);
    expect(traced).toEqual(traced.toSorted((a, b) => a - b));
    expect(new Set(traced).size).toBe(traced.length);
  });

  test('hands out messages in memory of their own, however little there is to spare in the link’s', () => {
    const packets = new Subject<Burst>();
    const { receive, transmit } = arq({ conv: 1 });
    const read: Uint8Array[] = [];
    new Subject<Uint8Array>().pipe(transmit).subscribe();
    packets.pipe(receive).subscribe((message) => read.push(message));
    const packet = Uint8Array.from(push(0, 'a'));
    packets.next([packet]);
    packet.fill(0);
    expect(read.map(words)).toEqual(['a']);
  });
});

test('a server over a hub that lends keeps what came before segment 0 as it was', () => {
  const incoming = new Subject<PeerBurst>();
  const hub: Hub = { incoming, outgoing: { next: () => {} }, local: { address: '127.0.0.1', port: 1 } };
  const peer = { address: '127.0.0.1', port: 2 };
  const read: string[] = [];
  const serving = listen({ link: hub, scheduler: new VirtualScheduler() }).subscribe((session) =>
    session.pipe(map(words)).subscribe((word) => read.push(word)),
  );
  for (const [sn, word] of [
    [2, 'c'],
    [1, 'b'],
    [0, 'a'],
  ] as const) {
    // (What a Buffer's `slice` gives is no copy.)
    const packet = Buffer.from(push(sn, word));
    incoming.next({ peer, burst: [packet] });
    packet.fill(0);
  }
  expect(read).toEqual(['a', 'b', 'c']);
  serving.unsubscribe();
});

test('fecDecode rebuilds from lent datagrams what was lost later', () => {
  const packets = [...'abcdefghi'].map((word, sn) => push(sn, word));
  const datagrams = encoded(packets, { data: 3, parity: 1 });
  const seen: string[] = [];
  const source = new Observable<Burst>((subscriber) => {
    for (const [i, datagram] of datagrams.entries()) {
      // The second packet of the last group is lost.
      if (i === 9) continue;
      const lent = Uint8Array.from(datagram);
      subscriber.next([lent]);
      lent.fill(0xdb);
    }
  });
  source.pipe(fecDecode()).subscribe((burst) => {
    seen.push(...burst.map((one) => words(one.subarray(24))));
    // They are the subscriber's to write to.
    for (const packet of burst) packet.fill(0);
  });
  expect(seen).toEqual([...'abcdefgih']);
});

test('decrypt leaves datagrams alone, and lends what was in them', () => {
  const cipher = makeCipher(rxkcp, 'salsa20', new Uint8Array(32));
  const [datagram] = cipher.seal([text('hello')]) as [Uint8Array];
  const before = Uint8Array.from(datagram);
  const opened: string[] = [];
  const lent: Uint8Array[] = [];
  const bursts = new Subject<Burst>();
  bursts.pipe(decrypt(cipher)).subscribe((burst) => {
    // The handler of a burst that causes another: both are lent at the same time.
    if (lent.push(...burst) < 3) bursts.next([datagram]);
    opened.push(...burst.map(words));
  });
  bursts.next([datagram]);
  expect(opened).toEqual(['hello', 'hello', 'hello']);
  expect(datagram).toEqual(before);
  expect(new Set(lent.map(({ byteOffset }) => byteOffset)).size).toBe(3);
});

test('an impaired link promises nothing of the one in it, which is not so for what it delays', () => {
  const [left] = memoryPair();
  const memory = { bytes: new Uint8Array(1), offset: 0, reserve: () => {} };
  const impaired = impair({ delay: 10 })({ ...left, sendsInOrder: true, memory });
  expect({ sendsInOrder: impaired.sendsInOrder, memory: impaired.memory }).toEqual({});
});

test('an impaired link keeps what is lent to it for as long as it is under way', () => {
  const [left, right] = memoryPair();
  const scheduler = new VirtualScheduler();
  const impaired = impair({ delay: 10, scheduler })(lending(right, true));
  const arrived: string[] = [];
  impaired.incoming.subscribe((burst) => arrived.push(...burst.map(words)));
  left.outgoing.next([text('a'), text('b')]);
  scheduler.run();
  expect(arrived).toEqual(['a', 'b']);
});
