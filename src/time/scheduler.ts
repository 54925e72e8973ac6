// The default clock. RxJS's asyncScheduler tells the time with Date.now, which jumps when the wall clock is set;
// a transport's timers must not.

import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import { OptionError } from '../errors.ts';

class TimeoutAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  #timeout: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(work: (this: SchedulerAction<T>, state?: T) => void) {
    super(() => clearTimeout(this.#timeout));
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    clearTimeout(this.#timeout);
    this.#timeout = setTimeout(() => {
      this.#timeout = undefined;
      this.#work.call(this, state as T);
      if (this.#timeout === undefined) this.unsubscribe();
    }, delay);
    return this;
  }
}

/**
 * A scheduler on the monotonic clock: `now()` is `performance.now()`, ms with a fraction, and work runs by
 * `setTimeout`. The default wherever this library takes a scheduler.
 */
export const monotonicScheduler: SchedulerLike = {
  now: () => performance.now(),
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return new TimeoutAction(work).schedule(state, delay);
  },
};

/** Is a scheduler, or leaves it to the default. */
export function requireScheduler(value: unknown): void {
  if (value === undefined) return;
  const candidate = value as Partial<SchedulerLike> | null;
  if (typeof candidate?.now === 'function' && typeof candidate.schedule === 'function') return;
  throw new OptionError('scheduler', value, 'an RxJS scheduler with now() and schedule()');
}
