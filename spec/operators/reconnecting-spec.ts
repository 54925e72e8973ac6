import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  switchMap,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { type Burst, connect, memoryPair, OptionError } from 'rxkcp';
import { type ReconnectingOptions, reconnecting } from 'rxkcp/operators';
import { useScheduler, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { testScheduler } from '../support/marbles.ts';
import { StallingScheduler } from '../support/stalling-scheduler.ts';

const half = { first: 100, most: 400, random: () => 0.5 };

describe('reconnecting', () => {
  test('dials again after pauses that double up to the most', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const dial = cold('s#');
      // 1 ms each, and half of 100, 200, 400 and 400 ms.
      expectObservable(
        reconnecting(dial, () => NEVER, half),
        '^ 599ms !',
      ).toBe('');
      expectSubscriptions(dial.subscriptions).toBe(['^!', '51ms ^!', '152ms ^!', '353ms ^!', '554ms ^!']);
    });
  });

  test('begins with the first pause again once something was heard', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const talks = ['#', '#', 'w#', '#', 'w|'];
      let session = 0;
      const talk = (): Observable<string> => cold(talks[session++] as string);
      // 50, 100; then from the word on 50, 100 again.
      expectObservable(reconnecting(concat(of('s'), NEVER), talk, half)).toBe('150ms w 150ms w|');
    });
  });

  test('begins with the first pause again after a session that lasted for the most, though nothing was heard', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const talks = ['#', '#', '400ms #', 'w|'];
      let session = 0;
      const talk = (): Observable<string> => cold(talks[session++] as string);
      expectObservable(reconnecting(concat(of('s'), NEVER), talk, half)).toBe('600ms w|');
    });
  });

  test('draws pauses from zero to the longest', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const draws = [0, 0.999, 0.25];
      const random = (): number => draws.shift() as number;
      const talks = ['#', '#', '#', 'w|'];
      const talk = (): Observable<string> => cold(talks.shift() as string);
      expectObservable(reconnecting(of('s'), talk, { first: 1000, most: 4000, random })).toBe('2998ms w|');
    });
  });

  test('closes the session when the talk fails, completes, or is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const dial = cold('-s----------------');
      const talks = ['--a#', '--b|'];
      const talk = (): Observable<string> => cold(talks.shift() as string);
      expectObservable(reconnecting(dial, talk, { first: 2, most: 2, random: () => 0.5 })).toBe('---a----b|');
      expectSubscriptions(dial.subscriptions).toBe(['^---!', '-----^---!']);
    });
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const dial = cold('-s----------------');
      expectObservable(
        reconnecting(dial, () => NEVER),
        '^---!',
      ).toBe('');
      expectSubscriptions(dial.subscriptions).toBe('^---!');
    });
  });

  test('leaves no timer when it is unsubscribed from in a pause', () => {
    const scheduler = new VirtualScheduler();
    const failing = throwError(() => new Error('no address'));
    const talking = reconnecting(failing, () => NEVER, { scheduler }).subscribe();
    expect(scheduler.pending).toBe(1);
    talking.unsubscribe();
    expect(scheduler.pending).toBe(0);
  });

  test('completes with a dial that completes without a session, and with a talk that completes at once', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      expectObservable(reconnecting(cold('--|'), () => NEVER)).toBe('--|');
      expectObservable(reconnecting(cold('--s'), () => of('a', 'b'))).toBe('--(ab|)');
    });
  });

  test('takes what talk throws for a failure, and a Promise or an array for a talk', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      let attempts = 0;
      const talk = (): string[] => {
        if (++attempts < 3) throw new Error('not yet');
        return ['a'];
      };
      expectObservable(reconnecting(cold('s'), talk, half)).toBe('150ms (a|)');
    });
  });

  test('goes on at once, from the first pause, when it is told that the network is back', () => {
    testScheduler().run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const dial = cold('#');
      const resume$ = hot('---r-----');
      const options: ReconnectingOptions = { first: 4, most: 64, random: () => 0.5, resume$ };
      // Half of 4; of 8, were it not for the hint; of 4 again.
      const talking = reconnecting(dial, () => NEVER, options);
      expectObservable(talking, '^-----!').toBe('');
      expectSubscriptions(dial.subscriptions).toBe(['(^!)', '--(^!)', '---(^!)', '-----(^!)']);
      expectSubscriptions(resume$.subscriptions).toBe(['^-!', '--^!', '---^-!', '-----^!']);
    });
  });

  test('dials at once after the computer has slept, and begins with the first pause again', () => {
    const scheduler = new StallingScheduler();
    const dialed: number[] = [];
    const talking = reconnecting(
      concat(of('s'), NEVER),
      () => {
        dialed.push(scheduler.now());
        return throwError(() => new Error('gone'));
      },
      { ...half, most: 100_000, scheduler },
    ).subscribe();
    scheduler.pass(150);
    expect(dialed).toEqual([0, 50, 150]);
    scheduler.stall(3_600_000);
    scheduler.pass(60);
    expect(dialed.slice(3)).toEqual([3_600_150, 3_600_200]);
    talking.unsubscribe();
  });

  test('fails when it is to give up, with the error', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const giveUp = (error: unknown, failures: number): boolean => error === 'error' && failures === 3;
      expectObservable(reconnecting(cold('#'), () => NEVER, { ...half, giveUp })).toBe('150ms #');
    });
  });

  test('has pauses, and lives, of its own for each subscriber', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      let attempts = 0;
      const dial = cold('s');
      const talk = (): Observable<string> => (attempts++ < 2 ? throwError(() => 'gone') : of('a'));
      const talking = reconnecting(dial, talk, half);
      expectObservable(talking).toBe('50ms (a|)');
      expectObservable(talking).toBe('50ms (a|)');
    });
  });

  test('keeps a real conversation going while the network goes away: nothing is missed or seen twice', () => {
    const scheduler = new VirtualScheduler();
    const clock = useScheduler(scheduler);
    const options = { conv: 1, mode: 'fast3', idleTimeout: 200 } as const;
    let isUp = true;
    const numbers: number[] = [];
    let sessions = 0;
    // Each has a server of its own, which counts from where it is asked to.
    const dial = defer(() => {
      sessions++;
      const [left, right] = memoryPair();
      const passing = filter<Burst>(() => isUp);
      const server = connect({ ...options, link: { ...right, incoming: right.incoming.pipe(passing) } }).pipe(
        mergeMap((session) =>
          session.pipe(
            switchMap(([from]) => interval(20, scheduler).pipe(map((step) => Uint8Array.of((from as number) + step)))),
            takeUntil(session.closed$),
            tap((message) => session.next(message)),
            catchError(() => EMPTY),
          ),
        ),
        ignoreElements(),
      );
      return merge(server, connect({ ...options, link: { ...left, incoming: left.incoming.pipe(passing) } }));
    });
    const talking = reconnecting(
      dial,
      (session) => {
        session.next(Uint8Array.of(numbers.length));
        return session;
      },
      half,
    ).subscribe(([number]) => numbers.push(number as number));
    for (let outage = 0; outage < 5; outage++) {
      scheduler.run(scheduler.now() + 300);
      isUp = false;
      scheduler.run(scheduler.now() + 1000);
      isUp = true;
    }
    scheduler.run(scheduler.now() + 2000);
    expect(sessions).toBeGreaterThan(5);
    expect(numbers.length).toBeGreaterThan(30);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    talking.unsubscribe();
    clock.unsubscribe();
  });

  test('refuses options that are wrong', () => {
    const wrong = [{ first: 0 }, { most: 0 }, { first: 200, most: 100 }, { random: 1 }, { giveUp: 1 }, { resume$: 1 }];
    for (const options of [...wrong, { scheduler: {} }, { frist: 1 }]) {
      expect(() => reconnecting(NEVER, () => NEVER, options as never)).toThrow(OptionError);
    }
    expect(() => reconnecting(NEVER, 1 as never)).toThrow('option talk must be a function');
  });
});
