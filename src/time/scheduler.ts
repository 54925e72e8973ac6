// The default clock. RxJS's asyncScheduler tells the time with Date.now, which jumps when the wall clock is set;
// a transport's timers must not.

import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import { OptionError } from '../errors.ts';

type Timers = Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>;
type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

class TimeoutAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #timers: Timers;
  readonly #work: Work<T>;
  #timeout: ReturnType<typeof setTimeout> | undefined;

  constructor(timers: Timers, work: Work<T>) {
    super(() => this.#clear());
    this.#timers = timers;
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#clear();
    // Browsers refuse these functions if they are called as methods of another object.
    const { setTimeout } = this.#timers;
    this.#timeout = setTimeout(() => {
      this.#timeout = undefined;
      this.#work.call(this, state as T);
      if (this.#timeout === undefined) this.unsubscribe();
    }, delay);
    return this;
  }

  #clear(): void {
    const { clearTimeout } = this.#timers;
    clearTimeout(this.#timeout);
  }
}

/**
 * A clock on `source().now` and `setTimeout` as they are at the moment: what is bound to it stays on them, even if fake timers in a
 * test replace them later. The same object is returned as long as they are the same.
 */
function boundClock(source: () => { now(): number }): () => SchedulerLike {
  let timers: Timers | undefined;
  let readNow: (() => number) | undefined;
  let clock: SchedulerLike;
  return () => {
    const owner = source();
    const { setTimeout, clearTimeout } = globalThis;
    if (timers?.setTimeout !== setTimeout || readNow !== owner.now) {
      const bound = { setTimeout, clearTimeout };
      timers = bound;
      readNow = owner.now;
      clock = {
        now: owner === Date ? neverBack(Date.now) : owner.now.bind(owner),
        schedule<T>(work: Work<T>, delay = 0, state?: T) {
          return new TimeoutAction(bound, work).schedule(state, delay);
        },
      };
    }
    return clock;
  };
}

/** Continues from the latest reading when `read` is set back, as the wall clock may be. */
function neverBack(read: () => number): () => number {
  let latest = read();
  let offset = 0;
  return () => {
    const now = read();
    if (now < latest) offset += latest - now;
    latest = now;
    return now + offset;
  };
}

/** The monotonic clock as it is at the moment. */
export const monotonicClock: () => SchedulerLike = boundClock(() => performance);

/** The wall clock as it is at the moment. */
export const wallClock: () => SchedulerLike = boundClock(() => Date);

/**
 * A scheduler on the monotonic clock: `now()` is `performance.now()`, ms with a fraction, and work runs by
 * `setTimeout`. The default wherever this library takes a scheduler.
 *
 * A session, or an operator at its subscription, keeps the `performance.now` and the `setTimeout` of that moment. Fake timers of a
 * test framework therefore drive the sessions that are made while they are installed, and no others. They must replace both
 * functions: a session whose `setTimeout` alone is faked sees time stand still.
 */
export const monotonicScheduler: SchedulerLike = {
  now: () => performance.now(),
  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    return monotonicClock().schedule(work, delay, state);
  },
};

/** Returns `value` if it is a scheduler, or leaves it to the default. @throws OptionError */
export function requireScheduler(value: unknown): SchedulerLike | undefined {
  const { now, schedule } = (value ?? {}) as Partial<SchedulerLike>;
  if (value === undefined || (typeof now === 'function' && typeof schedule === 'function'))
    return value as SchedulerLike;
  throw new OptionError('scheduler', value, 'an RxJS scheduler with now() and schedule()');
}
