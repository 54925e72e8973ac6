// Clocks that are faked, virtual or turned back for a while: what began on a clock stays on it, and nothing else feels it.

import {
  asyncScheduler,
  concat,
  map,
  NEVER,
  type Observable,
  of,
  type SchedulerAction,
  type SchedulerLike,
  type Subscription,
  switchMap,
  take,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  type Burst,
  connect,
  type Link,
  listen,
  memoryNetwork,
  memoryPair,
  monotonicScheduler,
  type Session,
  type SessionOptions,
  snmp$,
} from 'rxkcp';
import { rateLimit } from 'rxkcp/operators';
import { delayBy, impair, useScheduler, VirtualScheduler } from 'rxkcp/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { timerQueueOf } from '../../src/time/timer-queue.ts';
import { eventually } from '../support/eventually.ts';
import { testScheduler } from '../support/marbles.ts';
import { open } from '../support/sessions.ts';
import { StallingScheduler } from '../support/stalling-scheduler.ts';

const sessions: Session[] = [];
const clocks: Subscription[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const session of sessions.splice(0)) session.close();
  for (const clock of clocks.splice(0)) clock.unsubscribe();
});

/** A session whose peer is silent, after its first message: it retransmits, until the link is dead. */
class Unanswered {
  readonly session: Session;
  packets = 0;
  error: unknown;

  constructor(options: SessionOptions = {}) {
    const [left] = memoryPair();
    const count = (burst: Burst): void => {
      this.packets += burst.length;
    };
    const link: Link = { ...left, outgoing: { next: count } };
    this.session = open(link, { deadLink: 5, ...options });
    sessions.push(this.session);
    this.session.subscribe({ error: (error) => (this.error = error) });
    this.session.next(Uint8Array.of(1));
  }
}

const dead = expect.objectContaining({ code: 'ERR_DEAD_LINK' });

describe.each([
  ['the default clock', undefined],
  ['monotonicScheduler', monotonicScheduler],
  ['asyncScheduler', asyncScheduler],
])('fake timers, and sessions on %s', (_, scheduler) => {
  test('drive the sessions that are made while they are installed, and no others', () => {
    const living = new Unanswered({ scheduler });
    vi.useFakeTimers();
    const faked = new Unanswered({ scheduler });
    vi.advanceTimersByTime(100_000);
    expect(faked.error).toEqual(dead);
    expect([living.packets, living.error]).toEqual([1, undefined]);
  });

  test('leave no mark on a session that lived before: it retransmits when its own time has come', async () => {
    const living = new Unanswered({ scheduler });
    vi.useFakeTimers();
    new Unanswered({ scheduler });
    vi.advanceTimersByTime(250);
    vi.useRealTimers();
    await eventually(() => expect(living.packets).toBeGreaterThan(1));
    expect(living.session.stats().rto).toBeLessThan(5000);
  });

  test('take the time of their sessions with them', async () => {
    vi.useFakeTimers();
    const faked = new Unanswered({ scheduler });
    vi.advanceTimersByTime(250);
    expect(faked.packets).toBe(2);
    vi.useRealTimers();
    const living = new Unanswered({ scheduler });
    await eventually(() => expect(living.packets).toBeGreaterThan(1));
    expect(faked.packets).toBe(2);
  });

  test('leave a living server its clock: it accepts, answers and retransmits as before', async () => {
    const network = memoryNetwork();
    const serving = listen({ link: network.hub, mode: 'fast3', scheduler }).subscribe((session) => {
      session.next(Uint8Array.of(7));
      session.subscribe({ error: () => {} });
    });
    vi.useFakeTimers();
    const link = network.link();
    const got: Burst[] = [];
    // One datagram that begins a conversation, and nothing after that.
    const subscription = link.incoming.subscribe((burst) => got.push(burst));
    const [beginning] = beginningOf();
    link.outgoing.next([beginning as Uint8Array]);
    vi.advanceTimersByTime(100_000);
    const before = got.length;
    vi.useRealTimers();
    await eventually(() => expect(got.length).toBeGreaterThan(before));
    expect(before).toBeLessThan(4);
    subscription.unsubscribe();
    serving.unsubscribe();
  });
});

/** The datagrams of a session's first message. */
function beginningOf(): Burst {
  const bursts: Burst[] = [];
  const [left] = memoryPair();
  const session = open({ ...left, outgoing: { next: (burst) => bursts.push(burst.map((packet) => packet.slice())) } });
  session.next(Uint8Array.of(1));
  session.close();
  return bursts.flat();
}

test('a wall clock that is set back by an hour, or forward, keeps a session on asyncScheduler waiting for one timeout', () => {
  vi.useFakeTimers();
  const session = new Unanswered({ scheduler: asyncScheduler, deadLink: 20 });
  vi.advanceTimersByTime(100);
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(310);
  expect(session.packets).toBe(2);
  vi.setSystemTime(Date.now() + 7_200_000);
  vi.advanceTimersByTime(1000);
  expect(session.packets).toBeGreaterThan(2);
  expect(session.error).toBeUndefined();
});

describe('TestScheduler.run, and sessions on asyncScheduler', () => {
  test('the session of the run is in virtual time, and one that lives in real time does not feel it', async () => {
    const living = new Unanswered({ scheduler: asyncScheduler });
    let virtual: Unanswered | undefined;
    let endedAt = 0;
    new TestScheduler(() => {}).run(() => {
      virtual = new Unanswered({ scheduler: asyncScheduler, deadLink: 3 });
      virtual.session.closed$.subscribe(() => (endedAt = asyncScheduler.now()));
    });
    expect(virtual?.error).toEqual(dead);
    // The third transmission, after 200 ms and 300 ms more, is the last.
    expect(endedAt).toBe(500);
    expect([living.packets, living.error]).toEqual([1, undefined]);
    await eventually(() => expect(living.packets).toBeGreaterThan(1));
  });

  test('a session that is left over by a run neither runs in real time nor in the next run', () => {
    const run = (work: () => void): void => {
      expect(() =>
        new TestScheduler(() => {}).run(() => {
          work();
          throw new Error('in the middle');
        }),
      ).toThrow('in the middle');
    };
    let left: Unanswered | undefined;
    let next: Unanswered | undefined;
    run(() => (left = new Unanswered({ scheduler: asyncScheduler })));
    new TestScheduler(() => {}).run(() => (next = new Unanswered({ scheduler: asyncScheduler })));
    expect(next?.error).toEqual(dead);
    expect([left?.packets, left?.error]).toEqual([1, undefined]);
    left?.session.next(Uint8Array.of(2));
    left?.session.close();
    expect(left?.session.closed).toBe(true);
  });
});

describe('within TestScheduler.run the default clock is virtual, as that of delay() is', () => {
  const bursts = { a: [new Uint8Array(1000), new Uint8Array(1000)] };

  test('of rateLimit', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const limited = cold('a', bursts).pipe(
        rateLimit(1000, { burst: 1000 }),
        map(({ length }) => length),
      );
      expectObservable(limited, '^ 1999ms !').toBe('1 999ms 1', { 1: 1 });
    });
  });

  test('of snmp$ and of delayBy, even if they were called before', () => {
    const readings = snmp$(100).pipe(
      take(3),
      map(() => 's'),
    );
    const delayed = delayBy(30);
    testScheduler().run(({ cold, expectObservable }) => {
      expectObservable(readings).toBe('s 99ms s 99ms (s|)');
      expectObservable(
        cold('a', bursts).pipe(
          delayed,
          map(() => 'd'),
        ),
      ).toBe('30ms d');
    });
  });

  test('of sessions, and of the network between them', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const [left, right] = memoryPair();
      const messages = { a: Uint8Array.of(97), b: Uint8Array.of(98) };
      const impaired = impair({ delay: 20, blackouts: [{ at: 0, duration: 5 }] })(left);
      const client = connect({ link: impaired, conv: 1, mode: 'fast3' }).pipe(
        switchMap((session) => {
          cold('a', messages).subscribe(session);
          return session;
        }),
      );
      const server = connect({ link: right, conv: 1, mode: 'fast3' }).pipe(
        switchMap((session) => session.pipe(map(([first]) => String.fromCharCode(first as number)))),
      );
      expectObservable(server, '^ 499ms !').toBe('220ms a');
      expectObservable(client, '^ 499ms !').toBe('');
    });
  });

  test('not of what is given a clock', () => {
    const scheduler = new VirtualScheduler();
    let given: Unanswered | undefined;
    testScheduler().run(() => (given = new Unanswered({ scheduler })));
    expect(given?.packets).toBe(1);
    scheduler.run(250);
    expect(given?.packets).toBe(2);
  });
});

describe('useScheduler', () => {
  test('sets the clock of what begins without one of its own, until it is undone', () => {
    const scheduler = new VirtualScheduler();
    const before = new Unanswered();
    const clock = useScheduler(scheduler);
    const within = new Unanswered();
    const limited: number[] = [];
    const bursts = [new Uint8Array(1000), new Uint8Array(1000)];
    const subscription = burstOnce(bursts)
      .pipe(rateLimit(1000, { burst: 1000 }))
      .subscribe(() => limited.push(scheduler.now()));
    clock.unsubscribe();
    const after = new Unanswered();
    scheduler.run(100_000);
    expect([before.packets, after.packets, within.error]).toEqual([1, 1, dead]);
    expect(limited).toEqual([0, 1000]);
    subscription.unsubscribe();
  });

  test('the newest that is left holds, in whatever order they are undone', () => {
    const [first, second] = [new VirtualScheduler(1), new VirtualScheduler(2)];
    const [undoFirst, undoSecond] = [useScheduler(first), useScheduler(second)];
    clocks.push(undoFirst, undoSecond);
    const startOf = (): number => {
      const subscription = delayed().subscribe();
      const of = [first, second].findIndex(({ pending }) => pending > 0) + 1;
      subscription.unsubscribe();
      return of;
    };
    expect(startOf()).toBe(2);
    undoFirst.unsubscribe();
    expect(startOf()).toBe(2);
    undoFirst.unsubscribe();
    undoSecond.unsubscribe();
    expect(startOf()).toBe(0);
  });

  test('comes before the virtual time of a run, and may be asyncScheduler, which is virtual there', () => {
    const scheduler = new VirtualScheduler();
    clocks.push(useScheduler(scheduler));
    let given: Unanswered | undefined;
    testScheduler().run(() => (given = new Unanswered()));
    expect(given?.packets).toBe(1);
    clocks.push(useScheduler(asyncScheduler));
    let virtual: Unanswered | undefined;
    testScheduler().run(() => (virtual = new Unanswered()));
    expect(virtual?.error).toEqual(dead);
  });

  test('does not move a server that lives, nor the sessions that it accepts later', () => {
    const network = memoryNetwork();
    const its = new VirtualScheduler();
    const accepted: Session[] = [];
    const clock = useScheduler(its);
    const serving = listen({ link: network.hub, mode: 'fast3', validate: 'off' }).subscribe((session) =>
      accepted.push(session),
    );
    clock.unsubscribe();
    clocks.push(useScheduler(new VirtualScheduler()));
    const link = network.link();
    const got: Burst[] = [];
    const receiving = link.incoming.subscribe((burst) => got.push(burst));
    link.outgoing.next(beginningOf());
    accepted[0]?.next(Uint8Array.of(7));
    const before = got.length;
    its.run(250);
    expect(got.length).toBe(before + 1);
    receiving.unsubscribe();
    serving.unsubscribe();
  });

  test('refuses what is no scheduler', () => {
    expect(() => useScheduler({} as never)).toThrow('option scheduler must be an RxJS scheduler');
    expect(() => useScheduler(undefined as never)).toThrow('option scheduler');
  });
});

/** Emits `burst`, and does not complete. */
function burstOnce(burst: Burst): Observable<Burst> {
  return concat(of(burst), NEVER);
}

/** Has something to do on the default clock. */
function delayed(): Observable<Burst> {
  return burstOnce([new Uint8Array(1)]).pipe(delayBy(10));
}

describe('a scheduler whose clock is another one for a while', () => {
  type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

  class Switched implements SchedulerLike {
    current: StallingScheduler;

    constructor(current: StallingScheduler) {
      this.current = current;
    }

    now(): number {
      return this.current.now();
    }

    schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
      return this.current.schedule(work, delay, state);
    }
  }

  const clockAt = (now: number): StallingScheduler => {
    const clock = new StallingScheduler();
    clock.stall(now);
    return clock;
  };

  test('drives with each clock what began on it', () => {
    const [first, second] = [clockAt(10_000), clockAt(0)];
    const scheduler = new Switched(first);
    const fired: string[] = [];
    const timer = (name: string, delay: number): void =>
      timerQueueOf(scheduler)
        .timer(() => fired.push(`${name}@${scheduler.now()}`))
        .set(delay);
    timer('first', 200);
    scheduler.current = second;
    timer('second', 300);
    second.pass(1000);
    timer('left over', 300);
    scheduler.current = first;
    timer('first again', 300);
    first.pass(1000);
    expect(fired).toEqual(['second@300', 'first@10200', 'first again@10300']);
    scheduler.current = second;
    second.pass(1000);
    expect(fired.at(-1)).toBe('left over@1300');
  });

  test('keeps no queue of a clock without timers', () => {
    const scheduler = new Switched(clockAt(10_000));
    const queue = timerQueueOf(scheduler);
    scheduler.current = clockAt(0);
    const other = timerQueueOf(scheduler);
    expect(other).not.toBe(queue);
    scheduler.current = clockAt(20_000);
    expect(timerQueueOf(scheduler)).toBe(other);
  });

  test('drives no session of the one clock through the time of the other', () => {
    const [first, second] = [clockAt(1_000_000), clockAt(0)];
    const scheduler = new Switched(first);
    const living = new Unanswered({ scheduler });
    scheduler.current = second;
    const other = new Unanswered({ scheduler });
    second.pass(100_000);
    expect([living.packets, living.error, other.error]).toEqual([1, undefined, dead]);
    scheduler.current = first;
    first.pass(250);
    expect([living.packets, living.error]).toEqual([2, undefined]);
  });
});
