import { type MonoTypeOperatorFunction, map, noop, Observable, of, type SchedulerLike } from 'rxjs';
import type { Burst } from '../src/bytes/burst.ts';
import { checkOptions, type OptionNames, requireFunction, requireInteger } from '../src/check.ts';
import { RATE_MAX } from '../src/limits.ts';
import { isSource, observableOf, type Source } from '../src/rx/source.ts';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';
import { clockOf } from '../src/time/clock.ts';
import { Pacer, RATE_LIMIT_DEFAULTS } from '../src/time/pacer.ts';
import { requireScheduler } from '../src/time/scheduler.ts';

/** Options of {@link rateLimit}. */
export interface RateLimitOptions {
  /**
   * Bytes that may leave at once after a pause, 1 … 1073741824; at least what the rate has in 10 ms, or timers could not keep up
   * with it. Default 96000: 64 datagrams of 1500 bytes.
   */
  burst?: number | undefined;
  /** Bytes by which layers below make each datagram longer, 0 … 1500: they count as well. Default 0. */
  overhead?: number | undefined;
  /** Bytes that may wait, 0 … 1073741824. Default 4 MiB. */
  queueBytes?: number | undefined;
  /** Datagrams that may wait, 0 … 1048576. Default 2048. */
  queueDatagrams?: number | undefined;
  /** Called with how many datagrams of a burst were dropped, if any were, before the others are passed on. */
  dropped?: ((count: number) => void) | undefined;
  /** The clock. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. */
  scheduler?: SchedulerLike | undefined;
}

const NAMES: OptionNames<RateLimitOptions> = {
  burst: true,
  overhead: true,
  queueBytes: true,
  queueDatagrams: true,
  dropped: true,
  scheduler: true,
};

/**
 * Limits outgoing traffic to `bytesPerSecond`; datagrams beyond it wait in a queue.
 *
 * It is a token bucket. After a pause, up to `burst` bytes leave at once. Then each datagram leaves, in order, when the bucket has tokens
 * for all of it. Datagrams that leave at the same moment form one burst. A datagram that finds the queue full is dropped and reported to
 * `dropped`; KCP retransmits it.
 *
 * ```
 * datagrams  --[A B C D]-----------------E--|
 *            rateLimit(1000, { burst: 2000 })          1000 bytes each; a column is 125 ms
 * datagrams  --[A B]---C-------D---------E--|
 * ```
 *
 * While the queue is empty, no timer runs. When the source completes, the queue drains before this completes. Errors of the source are
 * forwarded at once. If `dropped` throws, the stream fails with that error. Empty bursts are not emitted.
 *
 * KCP does not take the limit into account: a datagram that waits longer than the RTO is retransmitted, and its copy waits, too. Choose a
 * `sendWindow` below the amount that the rate carries in one RTO.
 *
 * @example
 * messages.pipe(transmit, fecEncode({ data: 10, parity: 3 }), encrypt(cipher), rateLimit(125_000)).subscribe(link.outgoing); // 1 Mbit/s
 *
 * @param bytesPerSecond 0 … 4294967295; 0 means no limit. An Observable (also of another copy of RxJS) or an async iterable changes the rate
 * while it runs; before its first value there is no limit. An invalid value or an error of it ends the stream; its completion does not.
 * @param options see {@link RateLimitOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 * @see kcp-go sess.go (UDPSession.SetRateLimit, postProcess).
 */
export function rateLimit(
  bytesPerSecond: number | Source<number>,
  options: RateLimitOptions = {},
): MonoTypeOperatorFunction<Burst> {
  checkOptions(options, NAMES);
  const defaults = RATE_LIMIT_DEFAULTS;
  const { burst = defaults.burst, overhead = defaults.overhead } = options;
  const { queueBytes = defaults.queueBytes, queueDatagrams = defaults.queueDatagrams } = options;
  const { dropped = noop, scheduler } = options;
  const rates = isSource(bytesPerSecond) ? observableOf(bytesPerSecond) : of(requireRate(bytesPerSecond));
  const settings = {
    burst: requireInteger('burst', burst, 1, 1 << 30),
    overhead: requireInteger('overhead', overhead, 0, 1500),
    queueBytes: requireInteger('queueBytes', queueBytes, 0, 1 << 30),
    queueDatagrams: requireInteger('queueDatagrams', queueDatagrams, 0, 1 << 20),
  };
  requireFunction('dropped', dropped);
  requireScheduler('scheduler', scheduler);
  return (source) =>
    new Observable((subscriber) => {
      let completed = false;
      const emit = (leaving: Burst): void => {
        subscriber.next(leaving);
        if (completed && pacer.isEmpty) subscriber.complete();
      };
      const pacer = new Pacer(settings, clockOf(scheduler), emit, dropped);
      subscriber.add(() => pacer.end());
      subscribeWithin(rates.pipe(map(requireRate)), subscriber, {
        next: (rate) => pacer.setRate(rate),
        error: (error) => subscriber.error(error),
        complete: noop,
      });
      subscribeWithin(source, subscriber, {
        next: (datagrams) => pacer.send(datagrams),
        error: (error) => subscriber.error(error),
        complete: () => {
          completed = true;
          if (pacer.isEmpty) subscriber.complete();
        },
      });
    });
}

function requireRate(rate: number): number {
  return requireInteger('bytesPerSecond', rate, 0, RATE_MAX);
}
