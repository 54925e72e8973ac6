// A rate limiter with a clock and a timer: what `rateLimit` and a session send by, with settings that are checked.

import type { SchedulerLike } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { RateLimiter, type RateLimiterSettings } from './rate-limiter.ts';
import { type QueuedTimer, timerQueueOf } from './timer-queue.ts';

export const RATE_LIMIT_DEFAULTS: RateLimiterSettings = {
  burst: 96_000,
  overhead: 0,
  queueBytes: 4 * 1024 * 1024,
  queueDatagrams: 2048,
};

/** Emits datagrams when the rate lets them leave. There is no limit before `setRate`. */
export class Pacer {
  readonly #limiter: RateLimiter;
  readonly #scheduler: SchedulerLike;
  readonly #emit: (burst: Burst) => void;
  readonly #dropped: (count: number) => void;
  readonly #timer: QueuedTimer;
  #ended = false;

  /** @param dropped called with how many datagrams of a burst found no room in the line, before the others are emitted. */
  constructor(
    settings: RateLimiterSettings,
    scheduler: SchedulerLike,
    emit: (burst: Burst) => void,
    dropped: (count: number) => void,
  ) {
    this.#limiter = new RateLimiter(settings);
    this.#scheduler = scheduler;
    this.#emit = emit;
    this.#dropped = dropped;
    this.#timer = timerQueueOf(scheduler).timer(() => this.#pass(this.#limiter.take(scheduler.now())));
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#limiter.isEmpty;
  }

  setRate(bytesPerSecond: number): void {
    const now = this.#scheduler.now();
    this.#limiter.setRate(bytesPerSecond, now);
    if (!this.isEmpty) this.#pass(this.#limiter.take(now));
  }

  /** Emits what may leave at once; the rest waits behind what waits already. */
  send(burst: Burst): void {
    if (this.#limiter.isOpen) {
      if (burst.length > 0) this.#emit(burst);
      return;
    }
    const { leaving, dropped } = this.#limiter.add(burst, this.#scheduler.now());
    if (dropped > 0) this.#dropped(dropped);
    this.#pass(leaving);
  }

  /** What still waits is dropped. */
  end(): void {
    this.#ended = true;
    this.#timer.set(undefined);
  }

  #pass(leaving: Burst): void {
    // `dropped` may have ended it.
    if (this.#ended) return;
    this.#timer.set(this.#limiter.nextTimeout(this.#scheduler.now()));
    if (leaving.length > 0) this.#emit(leaving);
  }
}
