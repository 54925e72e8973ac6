// Links that send in order (Link.sendsInOrder): the memory of what has arrived is written to again, and nothing else.

import * as rxkcp from 'rxkcp';
import { connect, type Link, memoryPair, type Session, type SessionOptions } from 'rxkcp';
import { impair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { makeCipher } from '../support/ciphers.ts';
import { bytes, integer, pick, seeded, seeds } from '../support/random.ts';
import { sendingInOrder } from '../support/sending-in-order.ts';

const KEY = new Uint8Array(32).fill(7);

function draw(random: () => number) {
  return {
    cipher: random() < 0.3 ? makeCipher(rxkcp, 'salsa20', KEY) : undefined,
    fec: random() < 0.5 ? { data: 5, parity: 2 } : undefined,
    stream: random() < 0.5,
    sendWindow: pick(random, [64, 128, 1024]),
    duplicates: pick(random, [0, 0, 1, 2]),
    rateLimit: pick(random, [0, 0, 2_000_000]),
    ackNoDelay: random() < 0.5,
  } satisfies SessionOptions;
}

/** What arrived of what was sent both ways. */
function converse(options: SessionOptions, seed: number): { sent: Buffer; arrived: Buffer }[] {
  const random = seeded(seed);
  const scheduler = new VirtualScheduler();
  const network = { loss: pick(random, [0, 0.02, 0.2]), duplicate: 0.05, reorder: 0.1, delay: 10, jitter: 5 };
  const open = (link: Link): Session => {
    let opened: Session | undefined;
    const settings: SessionOptions = { conv: 1, mode: 'fast3', scheduler, receiveWindow: 256, ...options };
    connect({ link: sendingInOrder(link, scheduler, random), ...settings }).subscribe((session) => {
      opened = session;
    });
    return opened as Session;
  };
  const [left, right] = memoryPair();
  const ends = [open(impair({ ...network, seed, scheduler })(left)), open(right)] as const;
  const sent: Uint8Array[][] = [[], []];
  const arrived: Uint8Array[][] = [[], []];
  for (const [i, end] of ends.entries()) {
    ends[1 - i]?.subscribe((message) => arrived[i]?.push(message));
    for (let at = 0; at < 1500; at += integer(random, 1, 40)) {
      const message = bytes(random, pick(random, [1, 40, 1300, 5000, 30_000]));
      sent[i]?.push(message);
      scheduler.schedule(() => end.next(message), at);
    }
  }
  scheduler.run(120_000);
  for (const end of ends) end.close();
  return ends.map((_, i) => ({ sent: Buffer.concat(sent[i] ?? []), arrived: Buffer.concat(arrived[i] ?? []) }));
}

describe('a session over a link that sends in order', () => {
  test.each(seeds(40))('delivers what was sent, however long that waits in the link (seed %i)', (seed) => {
    const options = draw(seeded(2000 + seed));
    for (const { sent, arrived } of converse(options, seed)) expect(arrived.equals(sent)).toBe(true);
  });
});
