// The clock of one end, which may jump while that of the other does not.

import type { SchedulerAction, SchedulerLike, Subscription } from 'rxjs';

export class EndClock implements SchedulerLike {
  readonly #clock: SchedulerLike;
  #ahead = 0;

  constructor(clock: SchedulerLike) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.#ahead;
  }

  /** Goes on by `ms`; timers that are set already come when they would have come, as those of a system whose time is set. */
  jump(ms: number): void {
    this.#ahead += ms;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T): Subscription {
    return this.#clock.schedule(work, delay, state);
  }
}
