import {
  defer,
  endWith,
  from,
  map,
  merge,
  NEVER,
  type Observable,
  type ObservableInput,
  retry,
  type SchedulerLike,
  switchMap,
  take,
  takeWhile,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { checkOptions, type OptionNames, requireFunction, requireInteger, requireObservable } from '../src/check.ts';
import { clockOf } from '../src/time/clock.ts';
import { requireScheduler } from '../src/time/scheduler.ts';

/** Options of {@link reconnecting}. */
export interface ReconnectingOptions {
  /** ms that the first pause lasts at most, 1 … 2147483647. Default 500. */
  first?: number | undefined;
  /** ms that any pause lasts at most, `first` … 2147483647. Default 30000. */
  most?: number | undefined;
  /** Draws a number in [0, 1): the share of the longest pause that a pause lasts. Default `Math.random`. */
  random?: (() => number) | undefined;
  /**
   * When it emits, a pause ends at once and the next ones begin with `first` again: that the network is back, or the computer awake.
   * Subscribed to during pauses. Default: never.
   */
  resume$?: Observable<unknown> | undefined;
  /** Whether to fail with `error` instead of another attempt; `failures` counts those in a row, from 1. Default: never. */
  giveUp?: ((error: unknown, failures: number) => boolean) | undefined;
  /** The clock of pauses. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. */
  scheduler?: SchedulerLike | undefined;
}

const NAMES: OptionNames<ReconnectingOptions> = {
  first: true,
  most: true,
  random: true,
  resume$: true,
  giveUp: true,
  scheduler: true,
};

/** ms by which a pause is late when the process has slept. */
const SLEPT = 1000;
const DONE = Symbol('done');

/**
 * Keeps a conversation going over one session after the other: dials again when one fails, with backoff and jitter.
 *
 * `talk` is called with each session, and what it returns is emitted. When that or `dial` fails, the session is closed and the next one
 * is dialed after a pause. The k-th pause in a row is a random part of `first · 2^(k − 1)` ms, at most of `most`: so the clients of a
 * server that was restarted do not all return at once. When `talk` completes, the session is closed and the result completes.
 *
 * The pauses begin with `first` again after a session that lived: one on which `talk` has emitted, or that lasted for `most`. (That a
 * session was emitted says nothing. KCP has no handshake: `connect` emits before the peer has answered.) They also do after a pause
 * that was late by a second or more, since the computer has slept, and when `resume$` emits.
 *
 * **Nothing is replayed.** A session that fails takes with it what was sent and not acknowledged, and neither end can tell how much of it
 * the other application has read. `talk` begins each session by saying where it wants to continue, for example after the last message
 * that it received, and resends messages that the peer's application has not confirmed. `resumable` of `rxkcp/resume` does that for you.
 *
 * A peer that is gone shows as an error of the session, if something is sent (`DeadLinkError`) or if it has an `idleTimeout`. What `talk`
 * returns must fail with the session, as everything does that is made by operators on it.
 *
 * ```
 * sessions    s------#    t#    u--------…      # fails
 *             reconnecting(dial, talk)
 * talk        --1--2--(…)--(…)----3----4-…      (…) pauses
 * ```
 *
 * @example
 * let seen = 0;
 * reconnecting(
 *   connect({ port: 4000, idleTimeout: 10_000 }),
 *   (session) => {
 *     session.next(Uint8Array.of(seen)); // the server continues from there
 *     return session;
 *   },
 *   { first: 200, most: 10_000 },
 * ).subscribe(([number]) => (seen = number as number));
 *
 * @param dial makes a session for each subscription, as `connect` does.
 * @param talk what to do with a session; unsubscribed from before the next one is dialed. What it throws is a failure, too.
 * @param options see {@link ReconnectingOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 */
export function reconnecting<S, T>(
  dial: Observable<S>,
  talk: (session: S) => ObservableInput<T>,
  options: ReconnectingOptions = {},
): Observable<T> {
  checkOptions(options, NAMES);
  requireFunction('talk', talk);
  const { first = 500, most = 30_000, random = Math.random, resume$ = NEVER, giveUp = () => false } = options;
  requireInteger('most', most, 1, 0x7fff_ffff);
  requireInteger('first', first, 1, most);
  requireFunction('random', random);
  requireFunction('giveUp', giveUp);
  requireObservable('resume$', resume$);
  requireScheduler('scheduler', options.scheduler);
  return defer(() => {
    const clock = clockOf(options.scheduler);
    let failures = 0;
    let livesSince = Infinity;
    const forgive = (): void => {
      failures = 0;
    };
    const pause = (error: unknown): Observable<unknown> => {
      if (clock.now() - livesSince >= most) forgive();
      livesSince = Infinity;
      const longest = Math.min(most, first * 2 ** failures++);
      if (giveUp(error, failures)) return throwError(() => error);
      const length = random() * longest;
      const due = clock.now() + length;
      const over = timer(length, clock).pipe(
        tap(() => {
          if (clock.now() - due >= SLEPT) forgive();
        }),
      );
      return merge(over, resume$.pipe(tap(forgive))).pipe(take(1));
    };
    return dial.pipe(
      switchMap((session) => {
        livesSince = clock.now();
        return from(talk(session)).pipe(tap(forgive), endWith(DONE));
      }),
      // Unsubscribes from `dial`, and so closes the session.
      takeWhile((value) => value !== DONE),
      map((value) => value as T),
      retry({ delay: pause }),
    );
  });
}
