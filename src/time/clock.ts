// Which clock a session, a server or an operator is on. It is chosen when that begins and kept until it ends, so that a clock that is
// faked or virtual for a while drives what began on it, and nothing else.

import { asyncScheduler, type SchedulerAction, type SchedulerLike, Subscription } from '../rx/rxjs.ts';
import { monotonicClock, monotonicScheduler, wallClock } from './scheduler.ts';

/** ms by which RxJS's time differs from that of the platform when it is virtual. */
const VIRTUAL_MIN = 3_600_000;

/** Whether RxJS's own schedulers are in virtual time: `TestScheduler.run` replaces the clock that they read. */
function isVirtual(): boolean {
  return Math.abs(asyncScheduler.now() - Date.now()) > VIRTUAL_MIN;
}

/** The virtual time of the `TestScheduler.run` that is under way. It stands still when that is over. */
class RunClock implements SchedulerLike {
  #latest = 0;

  now(): number {
    if (isVirtual()) this.#latest = Math.max(this.#latest, asyncScheduler.now());
    return this.#latest;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const action = isVirtual() ? asyncScheduler.schedule(work, delay, state) : undefined;
    return new Subscription(() => {
      // Afterwards RxJS would clear a timer of the platform that has the same number.
      if (isVirtual()) action?.unsubscribe();
    });
  }
}

/** What stands in for the default, the newest last. */
const defaults: { readonly scheduler: SchedulerLike }[] = [];

/**
 * Makes `scheduler` the clock of everything that starts from now on without an explicit clock.
 *
 * @returns what undoes that.
 */
export function replaceDefaultClock(scheduler: SchedulerLike): Subscription {
  const entry = { scheduler };
  defaults.push(entry);
  return new Subscription(() => void defaults.splice(defaults.indexOf(entry), 1));
}

/**
 * The clock of what begins now.
 *
 * @param scheduler the one that was asked for; `undefined` is the default.
 */
export function clockOf(scheduler: SchedulerLike | undefined): SchedulerLike {
  const given = scheduler ?? defaults.at(-1)?.scheduler;
  if (given === monotonicScheduler) return monotonicClock();
  if (given && given !== asyncScheduler) return given;
  if (isVirtual()) return new RunClock();
  return given ? wallClock() : monotonicClock();
}
