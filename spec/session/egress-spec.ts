import { map, Subject } from 'rxjs';
import {
  type Burst,
  connect,
  type Link,
  memoryPair,
  none,
  OptionError,
  type Session,
  type SessionOptions,
} from 'rxkcp';
import { label } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { isParity } from '../../src/core/conversation.ts';
import { testScheduler, text, wins } from '../support/marbles.ts';

/** A session that has heard from its peer, and the datagrams it sends. */
function sender(options: SessionOptions): { session: Session; sent: Subject<Burst> } {
  const incoming = new Subject<Burst>();
  const sent = new Subject<Burst>();
  let session: Session | undefined;
  const link: Link = { incoming, outgoing: sent };
  connect({ link, conv: 1, mode: 'fast3', ...options }).subscribe((opened) => {
    session = opened;
  });
  const heard = [wins(3000)];
  incoming.next(options.cipher?.seal(heard) ?? heard);
  return { session: session as Session, sent };
}

/** Fills a datagram of 1400 bytes, of which 68 make 95200: those that may leave at once. */
const message = new Uint8Array(1376);
const sizes = map((burst: Burst) => burst.length);

describe('a session with a rate limit', () => {
  test('lets datagrams leave at the rate after a burst, sealed and with parity', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      // 1330 + 24 + 8 + 20 are 1382 bytes a datagram, and 1382 bytes a second; 69 of them, and 642 bytes, are 96000.
      const options = { scheduler, rateLimit: 1382, cipher: none(), fec: { data: 1, parity: 1 }, sendWindow: 256 };
      const { session, sent } = sender(options);
      // The first group has nothing before it, and so no parity.
      for (let i = 0; i < 36; i++) session.next(new Uint8Array(1330));
      expect(session.stats()).toMatchObject({ packetsSent: 69, wireBytesSent: 69 * 1382 });
      expectObservable(sent.pipe(sizes), '600ms !').toBe('536ms a', { a: 1 });
      scheduler.schedule(() => session.close(), 700);
    });
  });

  test('counts out-of-band datagrams in, behind what waits', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const { session, sent } = sender({
        scheduler,
        rateLimit: 1_000_000,
        fec: { data: 200, parity: 1 },
        sendWindow: 256,
      });
      for (let i = 0; i < 70; i++) session.next(new Uint8Array(1368));
      session.sendOob(text('last'));
      const leaving = sent.pipe(map((burst) => burst.map(({ length }) => length)));
      // 68 of 1400 fit into the burst; 800 bytes are left.
      expectObservable(leaving, '10ms !').toBe('-abc', { a: [1400], b: [1400], c: [16] });
      scheduler.schedule(() => session.close(), 20);
    });
  });

  test('takes another limit while it runs, and none', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const { session, sent } = sender({ scheduler, rateLimit: 14_000, sendWindow: 256 });
      for (let i = 0; i < 71; i++) session.next(message);
      expect(session.stats().packetsSent).toBe(68);
      // 800 bytes are there. The other 600: 140 in 10 ms, then 28 a ms.
      scheduler.schedule(() => session.configure({ rateLimit: 28_000 }), 10);
      scheduler.schedule(() => session.configure({ rateLimit: 0 }), 40);
      expectObservable(sent.pipe(sizes), '100ms !').toBe('27ms a 12ms b', { a: 1, b: 2 });
      scheduler.schedule(() => session.close(), 100);
    });
  });

  test('counts what it drops because too much waits, and KCP sends it again', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const { session } = sender({ scheduler, rateLimit: 1, sendWindow: 3000 });
      for (let i = 0; i < 2500; i++) session.next(message);
      // 68 fit into the burst, and 2048 wait.
      const dropped = 2500 - 68 - 2048;
      expect(session.stats()).toMatchObject({ packetsSent: 68, packetsDropped: dropped });
      scheduler.schedule(() => expect(session.stats().packetsDropped).toBe(dropped), 195);
      // An RTO later they leave once more, 64 a flush, and find no room.
      scheduler.schedule(() => {
        expect(session.stats().packetsDropped).toBe(dropped + 2 * 64);
        session.close();
      }, 215);
    });
  });

  test('sends what may leave when it is closed, leaves the rest, and sets no timer after that', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const { session, sent } = sender({ scheduler, rateLimit: 1400, sendWindow: 256, writeDelay: true });
      for (let i = 0; i < 70; i++) session.next(message);
      const counts: number[] = [];
      sent.pipe(sizes).subscribe((count) => counts.push(count));
      session.close();
      expect(counts).toEqual([68]);
      expect(scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
    });
  });

  test('has no limit unless told so', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const { session } = sender({ scheduler, sendWindow: 2000 });
      for (let i = 0; i < 500; i++) session.next(message);
      expect(session.stats().packetsSent).toBe(500);
      session.close();
    });
  });
});

describe('a session with duplicates', () => {
  test('sends each datagram so many times more, in its place, but parity once; and counts all of them', () => {
    const { session, sent } = sender({ duplicates: 2, fec: { data: 2, parity: 1 } });
    const bursts: Burst[] = [];
    sent.subscribe((burst) => bursts.push(burst));
    session.next(new Uint8Array(3000));
    session.sendOob(text('oob'));
    const [burst, oob] = bursts as [Burst, Burst];
    expect(burst.map(({ length }) => length)).toEqual([1400, 1400, 1400, 1400, 1400, 1400, 1400, 296, 296, 296]);
    expect(burst.map(isParity).indexOf(true)).toBe(6);
    expect(burst[0]).toEqual(burst[1]);
    expect(oob.length).toBe(3);
    expect(session.stats().packetsSent).toBe(13);
    expect(session.snmp()).toMatchObject({ OutPkts: 13, OutBytes: 7 * 1400 + 3 * 296 + 3 * 15, OutSegs: 3 });
    session.close();
  });

  test('writes to none of them when another has arrived', () => {
    const { session, sent } = sender({ duplicates: 2 });
    const bursts: Burst[] = [];
    sent.subscribe((burst) => bursts.push(burst));
    session.next(text('once'));
    session.close();
    const [one, two, three] = bursts[0] as [Uint8Array, Uint8Array, Uint8Array];
    for (const datagram of [one, two]) datagram.fill(0);
    expect(label(three)).toContain('PUSH');
  });

  test('has as many as it is told while it runs', () => {
    const { session, sent } = sender({});
    const counts: number[] = [];
    sent.pipe(sizes).subscribe((count) => counts.push(count));
    for (const duplicates of [0, 1, 100, 0]) {
      session.configure({ duplicates });
      session.next(text('x'));
    }
    expect(counts).toEqual([1, 2, 101, 1]);
    session.close();
  });

  test('is none the worse for it at the other end: what is double is counted, not delivered', () => {
    const [left, right] = memoryPair();
    const seen: string[] = [];
    let receiver: Session | undefined;
    connect({ link: right, conv: 1 }).subscribe((session) => {
      receiver = session;
      session.subscribe((bytes) => seen.push(new TextDecoder().decode(bytes)));
    });
    connect({ link: left, conv: 1, duplicates: 1 }).subscribe((session) => {
      for (const word of ['a', 'b', 'c']) session.next(text(word));
    });
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(receiver?.snmp().RepeatSegs).toBeGreaterThanOrEqual(3);
  });
});

test('options of the way out are checked, when a session is made and while it runs', () => {
  const link = { incoming: new Subject<Burst>(), outgoing: new Subject<Burst>() };
  const wrong: object[] = [
    { rateLimit: -1 },
    { rateLimit: 0x1_0000_0000 },
    { rateLimit: 0.5 },
    { duplicates: -1 },
    { duplicates: 101 },
  ];
  const { session } = sender({});
  const { sendWindow } = session.stats();
  for (const options of wrong) {
    expect(() => connect({ link, ...options })).toThrow(OptionError);
    expect(() => session.configure({ sendWindow: 1000, ...options })).toThrow(OptionError);
    expect(session.stats().sendWindow).toBe(sendWindow);
  }
  session.close();
});
