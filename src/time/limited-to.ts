// A rate limit in a pipeline: what `rateLimit` and a session do, with settings that are checked.

import { type MonoTypeOperatorFunction, noop, Observable, type SchedulerLike } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import { clockOf } from './clock.ts';
import { RateLimiter, type RateLimiterSettings } from './rate-limiter.ts';
import { timerQueueOf } from './timer-queue.ts';

export const RATE_LIMIT_DEFAULTS: RateLimiterSettings = {
  burst: 96_000,
  overhead: 0,
  queueBytes: 4 * 1024 * 1024,
  queueDatagrams: 2048,
};

/** See `rateLimit`. `dropped` hears how many datagrams of a burst found no room in the line. */
export function limitedTo(
  bytesPerSecond: Observable<number>,
  settings: RateLimiterSettings,
  dropped: ((count: number) => void) | undefined,
  givenScheduler: SchedulerLike | undefined,
): MonoTypeOperatorFunction<Burst> {
  return (source) =>
    new Observable((subscriber) => {
      const scheduler = clockOf(givenScheduler);
      const limiter = new RateLimiter(settings);
      let completed = false;
      const timer = timerQueueOf(scheduler).timer(() => pass(limiter.take(scheduler.now())));
      const pass = (leaving: Burst): void => {
        // `dropped` may have unsubscribed.
        if (subscriber.closed) return;
        timer.set(limiter.isEmpty ? undefined : limiter.nextTimeout(scheduler.now()));
        if (leaving.length > 0) subscriber.next(leaving);
        if (completed && limiter.isEmpty) subscriber.complete();
      };
      subscriber.add(() => timer.set(undefined));
      subscribeWithin(bytesPerSecond, subscriber, {
        next: (rate) => {
          limiter.setRate(rate, scheduler.now());
          if (!limiter.isEmpty) pass(limiter.take(scheduler.now()));
        },
        error: (error) => subscriber.error(error),
        complete: noop,
      });
      subscribeWithin(source, subscriber, {
        next: (datagrams) => {
          if (limiter.isOpen) {
            if (datagrams.length > 0) subscriber.next(datagrams);
            return;
          }
          const { leaving, dropped: lost } = limiter.add(datagrams, scheduler.now());
          if (lost > 0) dropped?.(lost);
          pass(leaving);
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          completed = true;
          pass([]);
        },
      });
    });
}
