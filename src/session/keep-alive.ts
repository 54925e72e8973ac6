// Keeping the mappings of NATs and firewalls between two ends: they forget a flow in which nothing is sent for a while, often half a minute.

import type { SchedulerLike } from 'rxjs';
import { type QueuedTimer, timerQueueOf } from '../time/timer-queue.ts';

export class KeepAlive {
  readonly #scheduler: SchedulerLike;
  readonly #timer: QueuedTimer;
  #period = 0;
  #sentAt = 0;

  /** @param speak called when nothing has been sent for as long as `setPeriod` said. It sends something. */
  constructor(scheduler: SchedulerLike, speak: () => void) {
    this.#scheduler = scheduler;
    this.#timer = timerQueueOf(scheduler).timer(() => {
      if (this.#left <= 0) speak();
      // A timer that another clock has made early, or an end that did not speak, waits for another round.
      this.#timer.set(this.#left > 0 ? this.#left : this.#period);
    });
  }

  /** ms; 0: never. */
  setPeriod(period: number): void {
    this.#period = period;
    this.sent();
    this.#timer.set(period > 0 ? period : undefined);
  }

  /** Something is sent. */
  sent(): void {
    this.#sentAt = this.#scheduler.now();
  }

  get #left(): number {
    return this.#sentAt + this.#period - this.#scheduler.now();
  }
}
