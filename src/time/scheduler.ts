// The default clock. RxJS's asyncScheduler tells the time with Date.now, which jumps when the wall clock is set;
// a transport's timers must not.

import { ensure, isFunction } from '../check.ts';
import { type SchedulerAction, type SchedulerLike, Subscription } from '../rx/rxjs.ts';

type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

/**
 * A clock on `source().now` and `setTimeout` as they are at the moment: what is bound to it stays on them, even if fake timers in a
 * test replace them later. The same object is returned as long as they are the same.
 */
function boundClock(source: () => { now(): number }): () => SchedulerLike {
  let boundTimeout: typeof setTimeout | undefined;
  let boundNow: (() => number) | undefined;
  let clock: SchedulerLike;
  return () => {
    const owner = source();
    const { now } = owner;
    const { setTimeout, clearTimeout } = globalThis;
    if (boundTimeout !== setTimeout || boundNow !== now) {
      boundTimeout = setTimeout;
      boundNow = now;
      clock = {
        now: owner === Date ? neverBack(now) : now.bind(owner),
        schedule<T>(work: Work<T>, firstDelay?: number, firstState?: T) {
          let timeout: ReturnType<typeof setTimeout> | undefined;
          const action = new Subscription(() => clearTimeout(timeout)) as SchedulerAction<T>;
          action.schedule = (state, delay = 0) => {
            if (action.closed) return action;
            clearTimeout(timeout);
            timeout = setTimeout(() => {
              timeout = undefined;
              work.call(action, state);
              if (timeout === undefined) action.unsubscribe();
            }, delay);
            return action;
          };
          return action.schedule(firstState, firstDelay);
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
  schedule<T>(work: Work<T>, delay?: number, state?: T): Subscription {
    return monotonicClock().schedule(work, delay, state);
  },
};

/** Returns `value` if it is a scheduler, or leaves it to the default. @throws OptionError */
export function requireScheduler(option: string, value: unknown): SchedulerLike | undefined {
  const { now, schedule } = (value ?? {}) as Partial<SchedulerLike>;
  const isRight = value === undefined || (isFunction(now) && isFunction(schedule));
  return ensure(option, value, isRight, 'an RxJS scheduler with now() and schedule()');
}
