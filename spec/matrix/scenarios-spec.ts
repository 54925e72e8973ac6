// What happens to networks now and then. Everything arrives byte for byte, or the session says why not.

import { connect, DeadLinkError, listen, memoryNetwork, type Session, type SessionEnd } from 'rxkcp';
import { impair, type Pair, pair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test, vi } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { conversation, HASH, referencePair } from '../support/reference-run.ts';

const message = (i: number): Uint8Array => text(`message ${i} `.repeat(20));

/** Sends a message every 50 ms for `seconds`, each way. */
function chat({ left, right, run, scheduler }: Pair, seconds: number): void {
  for (let i = 0; i < seconds * 20; i++) {
    left.send(message(i));
    right.send(message(-i));
    run(scheduler.now() + 50);
  }
}

describe('a blackout', () => {
  const network = { loss: 0.05, delay: 25 };

  test('of 5 s is survived, and its backlog is there within a second after it', () => {
    const ends = pair({
      seed: 3,
      network: { ...network, blackouts: [{ at: 2000, duration: 5000 }] },
      options: { mode: 'fast3' },
    });
    let latest = 0;
    ends.right.delivered$.subscribe(({ at, delay }) => {
      if (at - delay < 7000) latest = at;
    });
    chat(ends, 12);
    ends.run();
    expect([ends.left.outstandingBytes, ends.right.outstandingBytes]).toEqual([0, 0]);
    expect(latest).toBeGreaterThan(7000);
    expect(latest).toBeLessThan(8000);
  });

  test('of 30 s is survived by those who wait that long', () => {
    const ends = pair({
      seed: 3,
      network: { ...network, blackouts: [{ at: 2000, duration: 30_000 }] },
      options: { mode: 'fast3', deadAfter: 40_000 },
    });
    chat(ends, 40);
    ends.run();
    expect([ends.left.outstandingBytes, ends.right.outstandingBytes]).toEqual([0, 0]);
    expect(ends.left.session.closed).toBe(false);
  });

  test('of 30 s is too long for a small `deadAfter`, and the session says when the peer was last heard', () => {
    const ends = pair({
      seed: 3,
      network: { ...network, blackouts: [{ at: 2000, duration: 30_000 }] },
      options: { mode: 'fast3', deadAfter: 10_000 },
    });
    const ended: SessionEnd[] = [];
    ends.left.session.closed$.subscribe((end) => ended.push(end));
    chat(ends, 40);
    const [{ error }] = ended as [SessionEnd];
    expect(error).toBeInstanceOf(DeadLinkError);
    expect(error).toMatchObject({ waited: 10_000, heardAgo: expect.any(Number), transmissions: expect.any(Number) });
    expect((error as DeadLinkError).heardAgo).toBeLessThan(10_500);
  });
});

describe('a client whose address changes', () => {
  const network = memoryNetwork();
  const scheduler = new VirtualScheduler();
  const options = { mode: 'fast3', scheduler, idleTimeout: 20_000, deadAfter: 10_000 } as const;
  const echoed: string[] = [];
  const served: [address: string | undefined, message: string][] = [];

  /** What is sent goes out from `home` until `away` is said to be true. */
  function roaming(isAway: () => boolean): ReturnType<typeof network.link> {
    const home = network.link({ address: '10.0.0.1', port: 1 });
    const away = network.link({ address: '192.168.0.1', port: 2 });
    const delayed = impair({ delay: 10, scheduler });
    return delayed({
      incoming: home.incoming,
      outgoing: { next: (burst) => (isAway() ? away : home).outgoing.next(burst) },
    });
  }

  test('is not taken for another; its session fails, and the next one has all that was not acknowledged again', () => {
    listen({ link: network.hub, ...options }).subscribe((session) => {
      session.subscribe({
        next: (received) => {
          served.push([session.remote?.address, words(received)]);
          session.next(received);
        },
        error: () => {},
      });
    });
    let isAway = false;
    const ends: SessionEnd[] = [];
    const first = dial(connect({ link: roaming(() => isAway), conv: 7, ...options }));
    first.closed$.subscribe((end) => ends.push(end));
    first.next(text('one'));
    scheduler.run(1000);
    isAway = true;
    first.next(text('two'));
    scheduler.run(60_000);
    expect(ends).toEqual([{ reason: 'failed', error: expect.any(DeadLinkError) }]);

    const link = network.link({ address: '192.168.0.1', port: 2 });
    const second = dial(connect({ link, conv: 8, ...options }));
    second.next(text('two'));
    scheduler.run(61_000);
    expect(echoed).toEqual(['one', 'two']);
    expect(served).toEqual([
      ['10.0.0.1', 'one'],
      ['192.168.0.1', 'two'],
    ]);
  });

  function dial(sessions: ReturnType<typeof connect>): Session {
    let opened: Session | undefined;
    sessions.subscribe((session) => {
      opened = session;
      session.subscribe({ next: (received) => echoed.push(words(received)), error: () => {} });
    });
    return opened as Session;
  }
});

describe('a wall clock that is set', () => {
  test.each([
    ['back a day', -86_400_000],
    ['on a year', 365 * 86_400_000],
    ['back to 1970', -Date.now()],
  ])('%s, again and again, is not noticed', (_, jump) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const scheduler = new VirtualScheduler();
      scheduler.schedule(function () {
        vi.setSystemTime(Date.now() + jump);
        if (scheduler.pending > 0) this.schedule(undefined, 100);
      }, 100);
      expect(conversation(pair({ ...referencePair(), scheduler })).transcript.hash).toBe(HASH);
    } finally {
      vi.useRealTimers();
    }
  });
});
