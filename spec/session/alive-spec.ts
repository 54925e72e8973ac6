// A peer that answers is alive, whatever becomes of single segments; one that is gone is found out; and two ends that are alive are
// never silent for ever. On a virtual clock, over seeded networks.

import { type Burst, connect, DeadLinkError, type Link, memoryPair, type Session, type SessionOptions } from 'rxkcp';
import { type PairOptions, pair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { seeds } from '../support/random.ts';

const MODES = ['normal', 'fast', 'fast2', 'fast3'] as const;

/** Two sessions over a link of 10 ms that loses what `isLost` says. */
function ends(isLost: (datagram: Uint8Array) => boolean, options: SessionOptions, right: SessionOptions = {}) {
  const scheduler = new VirtualScheduler();
  const [a, b] = memoryPair();
  let sent = 0;
  const impaired = ({ incoming, outgoing }: Link): Link => ({
    incoming,
    outgoing: {
      next: (burst: Burst) => {
        sent += burst.length;
        const arriving = burst.filter((datagram) => !isLost(datagram)).map((datagram) => datagram.slice());
        scheduler.schedule(() => outgoing.next(arriving), 10);
      },
    },
  });
  const open = (link: Link, more: SessionOptions): Session => {
    let opened: Session | undefined;
    connect({ link: impaired(link), conv: 1, scheduler, ...options, ...more }).subscribe((session) => {
      opened = session;
      session.subscribe({ error: () => {} });
    });
    return opened as Session;
  };
  return { left: open(a, {}), right: open(b, right), scheduler, sent: () => sent };
}

function errorOf(session: Session): { error: unknown } {
  const seen: { error: unknown } = { error: undefined };
  session.closed$.subscribe(({ error }) => {
    seen.error = error;
  });
  return seen;
}

describe('a peer that answers is not dead', () => {
  test.each(MODES)('while a window of 1024 goes over a line of 8 Mbit/s with a queue of 64 KiB (%s)', (mode) => {
    const { left, right, run } = pair({
      seed: 9,
      keep: 0,
      network: { delay: 25, outgoing: { rate: { bytesPerSecond: 1_000_000, queueBytes: 65_536 } } },
      options: { mode, stream: true, sendWindow: 1024, receiveWindow: 1024 },
    });
    for (let i = 0; i < 600; i++) left.send(new Uint8Array(10_000).fill(i));
    run();
    expect(right.outstandingBytes).toBe(0);
    expect(left.session.closed).toBe(false);
  });

  test('while large datagrams are lost for ten minutes, and small ones arrive', () => {
    let isNarrow = true;
    const { left, right, scheduler } = ends(({ length }) => isNarrow && length > 600, { mode: 'fast3' });
    left.next(new Uint8Array(1000));
    for (let i = 0; i < 10; i++) left.next(new Uint8Array(100));
    scheduler.run(600_000);
    expect(left.closed).toBe(false);
    isNarrow = false;
    left.kick();
    scheduler.run(601_000);
    expect(right.stats().bytesReceived).toBe(2000);
  });

  describe.each(MODES)('while 65 %% are lost each way for five minutes (%s)', (mode) => {
    const network = { delay: 50, loss: 0.65 };
    test.each(seeds(3))('and much is sent (seed %i)', (seed) => {
      const { left, run } = pair({ seed, keep: 0, network, options: { mode } });
      for (let i = 0; i < 1000; i++) left.send(new Uint8Array(1300));
      run(300_000);
      expect(left.session.closed).toBe(false);
    });
    test.each(seeds(3))('and little is sent (seed %i)', (seed) => {
      const { left, run } = pair({ seed, keep: 0, network, options: { mode } });
      for (let t = 0; t < 300_000; t += 1000) {
        left.send(new Uint8Array(50));
        run(t);
      }
      expect(left.session.closed).toBe(false);
    });
  });

  test('while its reader takes 2 s for a message behind a window of 8', () => {
    const { left, right, run, scheduler } = pair({
      keep: 0,
      network: { delay: 25 },
      options: { mode: 'fast3' },
      right: { receiveWindow: 8 },
    });
    right.session.pause();
    for (let i = 0; i < 100; i++) left.send(new Uint8Array(1000));
    let delivered = 0;
    right.delivered$.subscribe(() => {
      delivered++;
      right.session.pause();
    });
    for (let i = 0; i < 100; i++) {
      right.session.resume();
      run(scheduler.now() + 2000);
    }
    expect(delivered).toBe(100);
    expect(left.session.closed).toBe(false);
  });

  test('when its window is lowered under way', () => {
    const { left, right, run } = pair({ keep: 0, network: { delay: 25 }, options: { mode: 'fast3' } });
    for (let i = 0; i < 500; i++) left.send(new Uint8Array(1000));
    run(60);
    right.session.configure({ receiveWindow: 1 });
    right.session.pause();
    run(60_000);
    expect(left.session.closed).toBe(false);
    right.session.resume();
    run(120_000);
    expect(right.outstandingBytes).toBe(0);
  });
});

describe('a peer that is gone is dead after `deadAfter`', () => {
  test.each(MODES)('at any round trip, and not before: an outage of 5 s ends nothing (%s)', (mode) => {
    for (const delay of [1, 50, 150]) {
      const { left, run } = pair({
        keep: 0,
        network: {
          delay,
          blackouts: [
            { at: 1000, duration: 5000 },
            { at: 10_000, duration: 1_000_000 },
          ],
        },
        options: { mode },
      });
      const seen = errorOf(left.session);
      for (let t = 0; t < 39_000; t += 50) {
        left.send(new Uint8Array(50));
        run(t);
      }
      expect(seen.error).toBeUndefined();
      run(42_000);
      expect(seen.error).toMatchObject({ code: 'ERR_DEAD_LINK', waited: 30_000 });
    }
  });

  test('when its window was closed, after `complete()`, too', () => {
    let isCut = false;
    const { left, right, scheduler, sent } = ends(() => isCut, {}, { receiveWindow: 16 });
    right.pause();
    for (let i = 0; i < 40; i++) left.next(new Uint8Array(1000));
    scheduler.run(5000);
    expect(left.stats()).toMatchObject({ remoteWindow: 0, queued: 8 });
    const seen = errorOf(left);
    isCut = true;
    left.complete();
    const before = sent();
    scheduler.run(41_000);
    expect(seen.error).toBeInstanceOf(DeadLinkError);
    expect(sent() - before).toBeLessThan(150);
  });
});

describe('two ends that are alive are not silent for ever', () => {
  test('when the later of two acks came first, and the news that the window has opened was lost', () => {
    const scheduler = new VirtualScheduler();
    const [a, b] = memoryPair();
    const sn = (datagram: Uint8Array): number => datagram[12] as number;
    const isNews = (datagram: Uint8Array): boolean => datagram[4] === 84;
    const held: Uint8Array[] = [];
    const back: Uint8Array[] = [];
    let isSetUp = false;
    const toReceiver = {
      next: (burst: Burst) => {
        for (const datagram of burst) {
          if (!isSetUp && sn(datagram) === 3) held.push(datagram.slice());
          else scheduler.schedule(() => a.outgoing.next([datagram]), 1);
        }
      },
    };
    const toSender = {
      next: (burst: Burst) => {
        if (!isSetUp) back.push(...burst);
        else scheduler.schedule(() => b.outgoing.next(burst.filter((datagram) => !isNews(datagram))), 1);
      },
    };
    let delivered = 0;
    const receiver = { link: { incoming: b.incoming, outgoing: toSender }, receiveWindow: 4, ackNoDelay: true };
    let reader: Session | undefined;
    connect({ conv: 1, scheduler, ...receiver }).subscribe((session) => {
      reader = session;
      session.pause();
      session.subscribe(() => delivered++);
    });
    let writer: Session | undefined;
    connect({ conv: 1, scheduler, link: { incoming: a.incoming, outgoing: toReceiver } }).subscribe((session) => {
      writer = session;
      session.subscribe();
    });
    for (let i = 0; i < 7; i++) writer?.next(new Uint8Array(1376));
    scheduler.run(5);
    const early = back.splice(0);
    a.outgoing.next(held.splice(0));
    isSetUp = true;
    b.outgoing.next(back.splice(0));
    for (const datagram of early) b.outgoing.next([datagram]);
    for (let i = 0; i < 14; i++) writer?.next(new Uint8Array(1376));
    scheduler.run(100);
    reader?.resume();
    expect(delivered).toBe(7);
    // Every WINS is lost, those that answer a probe as well; the window is in no other packet while nothing arrives.
    scheduler.run(3000);
    expect(writer?.closed).toBe(false);
    expect(writer?.stats().queued).toBeGreaterThan(0);
    isSetUp = true;
    toSender.next = (burst) => scheduler.schedule(() => b.outgoing.next(burst), 1);
    scheduler.run(5000);
    expect(delivered).toBe(21);
  });

  test.each([0.05, 0.2])(
    'a reader that goes on after a pause soon has more, though %f of all datagrams are lost',
    (loss) => {
      const waits = seeds(60).map((seed) => {
        const { left, right, run } = pair({ seed, keep: 0, network: { delay: 25, loss }, options: { mode: 'fast3' } });
        right.session.pause();
        for (let i = 0; i < 300; i++) left.send(new Uint8Array(500));
        run(10_000);
        const arrivals: number[] = [];
        right.delivered$.subscribe(({ at }) => arrivals.push(at));
        right.session.resume();
        const waiting = arrivals.length;
        run(200_000);
        return (arrivals[waiting] as number) - 10_000;
      });
      // Three RTOs of 200 ms; it was up to two minutes.
      expect(Math.max(...waits)).toBeLessThan(600);
    },
  );

  test.each([1, 2, 4, 8])('a window of %i takes in whatever can be delivered at once', (receiveWindow) => {
    const { left, right, run, scheduler } = pair({
      keep: 0,
      network: { delay: 10 },
      options: { mode: 'fast' },
      right: { receiveWindow },
    });
    for (let i = 0; i < 300; i++) left.send(new Uint8Array(1000));
    run();
    expect(right.outstandingBytes).toBe(0);
    // One flight of the window a round trip and a flush interval, and nothing sent twice.
    expect(scheduler.now()).toBeLessThan((300 / receiveWindow) * (20 + 30));
    expect(left.session.stats().packetsSent).toBe(300);
  });
});

describe('after an outage', () => {
  const INTERVALS = { normal: 40, fast: 30, fast2: 20, fast3: 10 };

  /** ms from the end of an outage to the next message, and datagrams sent meanwhile. */
  function outage(
    mode: keyof typeof INTERVALS,
    delay: number,
    duration: number,
    more: Partial<PairOptions> = {},
    at = 2013,
  ) {
    const { left, right, run } = pair({
      keep: 0,
      network: { delay, blackouts: [{ at, duration }] },
      options: { mode },
      ...more,
    });
    const back = at + duration;
    let first = Number.POSITIVE_INFINITY;
    right.delivered$.subscribe((delivery) => {
      if (delivery.at > back) first = Math.min(first, delivery.at);
    });
    let before = 0;
    let after = 0;
    for (let t = 0; t < back + 3000; t += 50) {
      left.send(new Uint8Array(500));
      run(t + 50);
      if (t + 50 < at) before = left.session.stats().packetsSent;
      if (t < back) after = left.session.stats().packetsSent;
    }
    return { wait: first - back, sent: after - before, left };
  }

  test.each(MODES)('data flows again as soon as with kcp-go, while the application keeps sending (%s)', (mode) => {
    for (const delay of [1, 10, 50, 150]) {
      for (const duration of [1000, 5000, 10_000, 20_000]) {
        for (let at = 2000; at < 2050; at += 13) {
          const { wait, sent } = outage(mode, delay, duration, {}, at);
          // The next message brings what is missing, within a round trip; before it is clear that nothing arrives, it brings the oldest segment,
          // whose ack brings the rest. What is sent up to then is little more than the messages.
          const trips = duration < 5000 ? 3 : 2;
          expect(wait).toBeLessThan(50 + trips * delay + 2 * INTERVALS[mode] + 25);
          expect(sent).toBeLessThan(250 + duration / 40);
        }
      }
    }
  });

  test('kick() has everything sent at once that has waited for an RTO, and the peer’s time to answer begins afresh', () => {
    let isCut = false;
    const { left, right, scheduler } = ends(() => isCut, { mode: 'normal' });
    left.next(new Uint8Array(10));
    scheduler.run(1000);
    isCut = true;
    for (let i = 0; i < 5; i++) left.next(new Uint8Array(10));
    scheduler.run(25_000);
    isCut = false;
    left.kick();
    scheduler.run(25_015);
    expect(right.stats().bytesReceived).toBe(60);
    isCut = true;
    scheduler.run(25_100);
    const seen = errorOf(left);
    left.next(new Uint8Array(10));
    scheduler.run(50_000);
    left.kick();
    scheduler.run(79_000);
    expect(seen.error).toBeUndefined();
    scheduler.run(81_000);
    expect(seen.error).toBeInstanceOf(DeadLinkError);
  });

  test('kick() on a session at rest, or one that has ended, does nothing', () => {
    const { left, scheduler, sent } = ends(() => false, {});
    left.kick();
    left.close();
    left.kick();
    scheduler.run(100_000);
    expect(sent()).toBe(0);
  });
});

describe('a good end is not called dead', () => {
  const who = [
    'the server completes, then the client',
    'the client completes with its request, then the server',
  ] as const;
  const cases = who.flatMap((order) =>
    (['normal', 'fast3'] as const).flatMap((mode) => [1, 50].map((delay) => ({ order, mode, delay }))),
  );

  test.each(cases)('$order ($mode, $delay ms)', ({ order, mode, delay }) => {
    for (const seed of seeds(150)) {
      const network = { loss: seed % 2 === 0 ? 0.2 : 0.1, delay, jitter: delay / 4 };
      const { left, right, run } = pair({ seed: seed * 104_729, keep: 0, network, options: { mode } });
      const errors = [left, right].map(({ session }) => errorOf(session));
      let answers = 0;
      left.delivered$.subscribe(() => {
        answers++;
        left.session.complete();
      });
      right.delivered$.subscribe(() => {
        right.send(Uint8Array.of(2));
        right.session.complete();
      });
      left.send(Uint8Array.of(1));
      if (order === who[1]) left.session.complete();
      run(300_000);
      // One that completes with its request does not wait for the answer, and the server learns that it was lost.
      if (answers === 1) expect(errors).toEqual([{ error: undefined }, { error: undefined }]);
    }
  });

  test('and takes no longer than it did where nothing is lost', () => {
    const { left, right, run, scheduler } = pair({ network: { delay: 10 }, options: { mode: 'fast3' } });
    right.delivered$.subscribe(() => {
      right.send(Uint8Array.of(2));
      right.session.complete();
    });
    const ended: number[] = [];
    for (const { session } of [left, right]) session.closed$.subscribe(() => ended.push(scheduler.now()));
    left.delivered$.subscribe(() => left.session.complete());
    left.send(Uint8Array.of(1));
    run();
    expect(Math.max(...ended)).toBeLessThan(250);
  });
});
