import { BehaviorSubject, concat, defer, map, NEVER, of, Subject, throwError } from 'rxjs';
import { OptionError } from 'rxkcp';
import { rateLimit } from 'rxkcp/operators';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import type { Burst } from '../../src/bytes/burst.ts';
import { testScheduler } from '../support/marbles.ts';
import { integer, seeded, seeds } from '../support/random.ts';

/** A datagram of `length` bytes that says which one it is. */
function datagram(name: string, length = 1000): Uint8Array {
  return new Uint8Array(length).fill(name.charCodeAt(0));
}
const bursts = Object.fromEntries(
  ['a', 'ab', 'abc', 'abcd', 'c', 'd', 'e', 'x'].map((names) => [names, [...names].map((name) => datagram(name))]),
) as Record<string, Burst>;
const named = map((burst: Burst) => burst.map(([first]) => String.fromCharCode(first as number)).join(''));
/** 1000 bytes, which is one datagram, a second. */
const SLOW = 1000;

describe('rateLimit', () => {
  test('lets a burst leave at once, and the rest at the rate, to the millisecond', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const datagrams = cold('w', { w: bursts.abcd as Burst });
      const limited = datagrams.pipe(rateLimit(SLOW, { burst: 2000, scheduler }), named);
      expectObservable(limited, '3s !').toBe('x 999ms c 999ms d', { x: 'ab', c: 'c', d: 'd' });
      expectSubscriptions(datagrams.subscriptions).toBe('^ 2999ms !');
    });
  });

  test('lets a datagram leave when there are tokens for all of it, and not a millisecond before', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const limit = rateLimit(SLOW, { burst: 1000, scheduler });
      const values = { a: bursts.a as Burst, c: bursts.c as Burst };
      expectObservable(cold('a 999ms c', values).pipe(limit, named)).toBe('a 999ms c');
      expectObservable(cold('a 998ms c', values).pipe(limit, named)).toBe('a 999ms c');
    });
  });

  test('saves up no more than a burst while nothing comes', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const limit = rateLimit(SLOW, { burst: 2000, scheduler });
      const values = { a: bursts.ab as Burst, c: bursts.abc as Burst };
      expectObservable(cold('a 9999ms c', values).pipe(limit, named)).toBe('x 9999ms x 999ms c', { x: 'ab', c: 'c' });
      // After 1999 ms it is one byte short of two datagrams.
      expectObservable(cold('a 1998ms c', values).pipe(limit, named)).toBe('x 1998ms a b 999ms c', {
        x: 'ab',
        a: 'a',
        b: 'b',
        c: 'c',
      });
      expectObservable(cold('a 1999ms c', values).pipe(limit, named)).toBe('x 1999ms x 999ms c', { x: 'ab', c: 'c' });
    });
  });

  test('keeps the order: a small one that there were tokens for waits behind a large one', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const values = { a: [datagram('a', 500), datagram('b', 1000)], c: [datagram('c', 1)] };
      const limited = cold('a-c', values).pipe(rateLimit(SLOW, { burst: 1000, scheduler }), named);
      expectObservable(limited).toBe('a 499ms b c', { a: 'a', b: 'b', c: 'c' });
    });
  });

  test('lets those that become free in one moment leave together', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const values = { a: Array.from({ length: 36 }, () => datagram('a', 500)) };
      // Three in each millisecond; 30 at once, for that is the least: what comes together in 10 ms.
      const counted = cold('a', values).pipe(
        rateLimit(1_500_000, { burst: 500, scheduler }),
        map(({ length }) => length),
      );
      expectObservable(counted).toBe('abb', { a: 30, b: 3 });
    });
  });

  test('takes what layers below add for a part of the datagram', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const values = { a: [datagram('a', 900), datagram('b', 900)] };
      const limit = rateLimit(SLOW, { burst: 1000, overhead: 100, scheduler });
      expectObservable(cold('a', values).pipe(limit, named)).toBe('a 999ms b');
    });
  });

  test('lets one that is larger than a burst leave when the bucket is full, and pays for it afterwards', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const values = { a: [datagram('a', 1000), datagram('b', 1000)] };
      const limit = rateLimit(SLOW, { burst: 500, scheduler });
      // 1000 out of 500: 500 owed, then 500 to be full again.
      expectObservable(cold('a', values).pipe(limit, named)).toBe('a 999ms b');
    });
  });

  test('drops what there is no room for, and tells how many', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const lost: string[] = [];
      const dropping = (more: object, name: string) =>
        cold('aw', { a: bursts.a as Burst, w: bursts.abcd as Burst }).pipe(
          rateLimit(SLOW, { burst: 1000, scheduler, dropped: (count) => lost.push(`${name} ${count}`), ...more }),
          named,
        );
      expectObservable(dropping({ queueDatagrams: 2 }, 'two')).toBe('a 999ms a 999ms b');
      expectObservable(dropping({ queueBytes: 3000 }, 'bytes')).toBe('a 999ms a 999ms b 999ms c');
      expectObservable(dropping({ queueBytes: 2999 }, 'short of bytes')).toBe('a 999ms a 999ms b');
      expectObservable(dropping({ queueDatagrams: 0 }, 'none')).toBe('a');
      expectObservable(dropping({}, 'default')).toBe('a 999ms a 999ms b 999ms c 999ms d');
      scheduler.flush();
      expect(lost).toEqual(['two 2', 'bytes 1', 'short of bytes 2', 'none 4']);
    });
  });

  test('has room again for as many as have left', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const values = { a: bursts.ab as Burst, c: bursts.c as Burst, d: bursts.d as Burst };
      for (const room of [{ queueDatagrams: 1 }, { queueBytes: 1000 }]) {
        const limit = rateLimit(SLOW, { burst: 1000, scheduler, ...room });
        expectObservable(cold('a 998ms c d', values).pipe(limit, named)).toBe('a 999ms b 999ms d');
      }
    });
  });

  test('by default lets 96000 bytes leave at once, and 2048 datagrams wait', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      let left = 0;
      let lost = 0;
      const add = (count: number): void => {
        lost += count;
      };
      const many = Array.from({ length: 64 + 2048 + 3 }, () => datagram('a', 1500));
      const options = { scheduler, dropped: add };
      const source = concat(of(many), NEVER);
      const subscription = source.pipe(rateLimit(1, options)).subscribe((burst) => {
        left += burst.length;
      });
      expect([left, lost]).toEqual([64, 3]);
      subscription.unsubscribe();
    });
  });

  test('by default lets 4 MiB wait', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      let lost = 0;
      const add = (count: number): void => {
        lost += count;
      };
      const options = { scheduler, burst: 1, dropped: add };
      const megabytes = Array.from({ length: 6 }, () => datagram('a', 1 << 20));
      concat(of(megabytes), NEVER).pipe(rateLimit(1, options)).subscribe().unsubscribe();
      expect(lost).toBe(1);
    });
  });

  test('with 0 passes everything on as it is, and takes no limit to be over', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const limited = cold('-a-b-|', { a: bursts.abcd as Burst, b: bursts.ab as Burst }).pipe(
        rateLimit(0, { burst: 1, scheduler }),
      );
      expectObservable(limited).toBe('-a-b-|', { a: bursts.abcd, b: bursts.ab });
    });
  });

  test('changes its rate while it runs: what waits leaves at the new one', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const rates = cold('s 499ms f', { s: SLOW, f: 2 * SLOW });
      const limited = cold('w', { w: bursts.abc as Burst }).pipe(rateLimit(rates, { burst: 1000, scheduler }), named);
      // Half of b is there after 500 ms; the other half takes 250 more, and c 500.
      expectObservable(limited, '2s !').toBe('a 749ms b 499ms c');
      expectSubscriptions(rates.subscriptions).toBe('^ 1999ms !');
    });
  });

  test('slows down what waits already', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const rates = cold('f 249ms s', { s: SLOW, f: 2 * SLOW });
      const limited = cold('w', { w: bursts.ab as Burst }).pipe(rateLimit(rates, { burst: 1000, scheduler }), named);
      expectObservable(limited, '2s !').toBe('a 749ms b');
    });
  });

  test('lets go of everything when the limit is lifted, and starts with a full bucket when there is one again', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const rates = cold('s 99ms 0 99ms s', { s: SLOW, 0: 0 });
      const datagrams = cold('w 149ms w 99ms w', { w: bursts.abc as Burst });
      const limited = datagrams.pipe(rateLimit(rates, { burst: 1000, scheduler }), named);
      expectObservable(limited, '1500ms !').toBe('a 99ms x 49ms y 99ms a 999ms b', {
        a: 'a',
        b: 'b',
        x: 'bc',
        y: 'abc',
      });
    });
  });

  test('has no limit before the first rate, and the last one after rates have completed', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const datagrams = cold('w-w', { w: bursts.ab as Burst });
      const limited = datagrams.pipe(rateLimit(cold('-(s|)', { s: SLOW }), { burst: 1000, scheduler }), named);
      expectObservable(limited, '3s !').toBe('x-a 999ms b', { x: 'ab', a: 'a', b: 'b' });
    });
  });

  test('completes when all has left, and fails at once', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const limit = rateLimit(SLOW, { burst: 1000, scheduler });
      expectObservable(cold('a-|', { a: bursts.ab as Burst }).pipe(limit, named)).toBe('a 999ms (b|)');
      expectObservable(cold('a-#', { a: bursts.ab as Burst }).pipe(limit, named)).toBe('a-#');
      expectObservable(cold('a', { a: bursts.ab as Burst }).pipe(rateLimit(cold('-#'), { scheduler }), named)).toBe(
        'x#',
        { x: 'ab' },
      );
      const wrong = new OptionError('bytesPerSecond', -1, 'an integer from 0 to 4294967295');
      expectObservable(NEVER.pipe(rateLimit(cold('-r', { r: -1 }), { scheduler }))).toBe('-#', {}, wrong);
    });
  });

  test('passes on no empty bursts', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const values = { e: [], a: bursts.a as Burst };
      for (const rate of [0, SLOW]) {
        expectObservable(cold('e-a-e-|', values).pipe(rateLimit(rate, { scheduler }), named)).toBe('--a---|');
      }
    });
  });

  test('waits for nothing when nothing waits, and after it was unsubscribed from', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const datagrams = new Subject<Burst>();
      const subscription = datagrams.pipe(rateLimit(SLOW, { burst: 1000, scheduler })).subscribe();
      datagrams.next(bursts.a as Burst);
      expect(pendingOf(scheduler)).toBe(0);
      datagrams.next(bursts.ab as Burst);
      expect(pendingOf(scheduler)).toBe(1);
      subscription.unsubscribe();
      expect(pendingOf(scheduler)).toBe(0);
    });
  });

  test('waits for nothing any more once the limit is lifted', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const rates = new BehaviorSubject(SLOW);
      const limited = concat(of(bursts.abcd as Burst), NEVER).pipe(rateLimit(rates, { burst: 1000, scheduler }), named);
      const seen: string[] = [];
      limited.subscribe((names) => seen.push(names));
      expect(pendingOf(scheduler)).toBe(1);
      rates.next(0);
      expect(seen).toEqual(['a', 'bcd']);
      expect(pendingOf(scheduler)).toBe(0);
    });
  });

  test('takes more while it passes on: behind what waits', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const datagrams = new Subject<Burst>();
      const out = new Subject<string>();
      datagrams.pipe(rateLimit(SLOW, { burst: 1000, scheduler }), named).subscribe((names) => {
        out.next(names);
        if (names === 'a') datagrams.next([datagram('e')]);
      });
      scheduler.schedule(() => datagrams.next(bursts.ab as Burst), 1);
      expectObservable(out).toBe('-a 999ms b 999ms e');
    });
  });

  test.each(seeds(20))('lets no more than burst + rate × time leave, nor much less, at any rate (seed %i)', (seed) => {
    const random = seeded(seed);
    const scheduler = testScheduler();
    scheduler.run(() => {
      const rate = integer(random, 1000, 10_000_000);
      const burst = integer(random, 1500, 100_000);
      const datagrams = Array.from({ length: 300 }, () => datagram('a', integer(random, 1, 1500)));
      let bytes = 0;
      of(datagrams)
        .pipe(rateLimit(rate, { burst, scheduler }))
        .subscribe((leaving) => {
          for (const { length } of leaving) bytes += length;
          const allowed = Math.max(burst, rate / 100) + (rate * scheduler.now()) / 1000;
          expect(bytes).toBeLessThanOrEqual(allowed + 1e-3);
          // One datagram that did not fit, and a wake-up of 1 ms.
          expect(bytes).toBeGreaterThan(Math.min(allowed - 1500 - rate / 1000, totalOf(datagrams) - 1));
        });
    });
  });

  test('does not subscribe to its source when the rate has failed', () => {
    const failure = new Error('rate');
    for (const rate of [throwError(() => failure), of(-5)]) {
      let subscriptions = 0;
      const source = defer(() => {
        subscriptions++;
        return NEVER;
      });
      const errors: unknown[] = [];
      source.pipe(rateLimit(rate)).subscribe({ error: (error) => errors.push(error) });
      expect([errors.length, subscriptions]).toEqual([1, 0]);
    }
  });

  test('takes its rate from an Observable of another library, and from an async iterable', async () => {
    let observer: { next(rate: number): void } | undefined;
    const foreign = {
      subscribe(one: { next(rate: number): void }) {
        observer = one;
        return { unsubscribe: () => (observer = undefined) };
      },
    };
    async function* rates(): AsyncGenerator<number> {
      yield SLOW;
    }
    for (const rate of [foreign, rates()]) {
      const scheduler = new VirtualScheduler();
      const seen: number[] = [];
      const source = new Subject<Burst>();
      const limited = source
        .pipe(rateLimit(rate, { burst: 1000, scheduler }))
        .subscribe(() => seen.push(scheduler.now()));
      observer?.next(SLOW);
      await new Promise((resolve) => setTimeout(resolve, 1));
      source.next(bursts.ab as Burst);
      scheduler.run(5000);
      expect(seen).toEqual([0, 1000]);
      limited.unsubscribe();
      expect(observer).toBeUndefined();
    }
  });

  test('lets `dropped` unsubscribe', () => {
    const scheduler = new VirtualScheduler();
    const source = new Subject<Burst>();
    const seen: Burst[] = [];
    const dropped = (): void => subscription.unsubscribe();
    const subscription = source
      .pipe(rateLimit(SLOW, { burst: 1000, queueDatagrams: 1, dropped, scheduler }))
      .subscribe((burst) => seen.push(burst));
    source.next(bursts.abcd as Burst);
    scheduler.run(5000);
    expect([seen, scheduler.pending]).toEqual([[], 0]);
  });

  test('refuses options out of range', () => {
    const wrong: [unknown, object][] = [
      [-1, {}],
      [0x1_0000_0000, {}],
      [1.5, {}],
      ['1', {}],
      [{}, {}],
      [undefined, {}],
      [1, { burst: 0 }],
      [1, { overhead: -1 }],
      [1, { overhead: 1501 }],
      [1, { queueBytes: -1 }],
      [1, { queueDatagrams: -1 }],
      [1, { dropped: 1 }],
      [1, { scheduler: {} }],
    ];
    for (const [rate, options] of wrong) expect(() => rateLimit(rate as number, options)).toThrow(OptionError);
    expect(() => rateLimit(0xffff_ffff)).not.toThrow();
  });
});

/** Actions that wait on a virtual clock. */
function pendingOf(scheduler: ReturnType<typeof testScheduler>): number {
  return scheduler.actions.filter(({ closed }) => !closed).length;
}

function totalOf(datagrams: Burst): number {
  return datagrams.reduce((sum, { length }) => sum + length, 0);
}
