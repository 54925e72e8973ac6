// One rate that several share: sessions, by the datagrams that they send, or whoever asks before it hands something over.

import type { SchedulerLike } from 'rxjs';
import { checkOptions, integer, type OptionNames, requireInteger } from '../check.ts';
import { RATE_MAX } from '../limits.ts';
import { clockOf } from './clock.ts';
import { requireScheduler } from './scheduler.ts';
import { timerQueueOf } from './timer-queue.ts';
import { TokenBucket, type Tokens } from './token-bucket.ts';

/** How {@link rateBucket} makes one. */
export interface RateBucketOptions {
  /** Bytes that may leave at once after a pause, 1 … 1073741824; at least what the rate has in 10 ms. Default 96000. */
  burst?: number | undefined;
  /** The clock. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. */
  scheduler?: SchedulerLike | undefined;
}

const NAMES: OptionNames<RateBucketOptions> = { burst: true, scheduler: true };
const requireBurst = /* @__PURE__ */ integer(1, 1 << 30);
const BURST_DEFAULT = 96_000;

/** A rate in bytes per second that many share. Made by {@link rateBucket}. */
export class RateBucket {
  readonly #scheduler: SchedulerLike;
  readonly #bucket: TokenBucket;
  #rate: number;

  /** @internal */
  constructor(rate: number, burst: number, scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
    this.#bucket = new TokenBucket(rate, burst, scheduler.now());
    this.#rate = rate;
  }

  /** Bytes per second, 1 … 4294967295. */
  get rate(): number {
    return this.#rate;
  }

  /** Keeps what is in the bucket. @throws OptionError */
  set rate(bytesPerSecond: number) {
    this.#rate = requireRate(bytesPerSecond);
    this.#bucket.setRate(bytesPerSecond, this.#scheduler.now());
  }

  /**
   * Takes `bytes` from the bucket, and resolves when they are paid for: at once while the bucket has them, else when the rate has made up
   * for them and for what was taken before. Calls resolve in order.
   *
   * @param bytes 0 … 4294967295.
   * @throws OptionError
   * @see kcp-go v5.7.5 sess.go (UDPSession.SetRateLimit, SetBucket): there `Write` does this with the bytes that it was given.
   */
  take(bytes: number): Promise<void> {
    requireInteger('bytes', bytes, 0, RATE_MAX);
    const now = this.#scheduler.now();
    this.#bucket.take(bytes, now);
    const wait = this.#bucket.wait(0, now);
    if (wait === 0) return Promise.resolve();
    return new Promise((resolve) => timerQueueOf(this.#scheduler).timer(resolve).set(wait));
  }

  /** The place in line of one who takes datagrams out. @internal */
  join(): Tokens {
    return new Place(this.#bucket);
  }
}

/**
 * Who waits has paid: what it waits for is taken out when it gets in line. So those who share a bucket are served in the order in which they
 * came, each with one datagram at a time, and none passes by with smaller ones.
 */
class Place implements Tokens {
  readonly #bucket: TokenBucket;
  /** When what was paid for leaves; undefined if nothing is. */
  #leavesAt: number | undefined;

  constructor(bucket: TokenBucket) {
    this.#bucket = bucket;
  }

  wait(bytes: number, now: number): number {
    if (this.#leavesAt === undefined) {
      const wait = this.#bucket.wait(bytes, now);
      if (wait === 0) return 0;
      this.#bucket.take(bytes, now);
      this.#leavesAt = now + wait;
    }
    return Math.max(this.#leavesAt - now, 0);
  }

  take(bytes: number, now: number): void {
    if (this.#leavesAt === undefined) this.#bucket.take(bytes, now);
    this.#leavesAt = undefined;
  }
}

/**
 * Makes a rate limit that several share.
 *
 * As the `rateLimit` of sessions it limits the bytes of all their datagrams, headers and parity included; they take turns. By
 * {@link RateBucket.take} it limits whatever you count, such as the bytes of your messages.
 *
 * @example
 * const uplink = rateBucket(1_250_000); // 10 Mbit/s for both sessions together
 * for (const port of [4000, 4001]) connect({ port, rateLimit: uplink }).subscribe((session) => session.next(hello));
 *
 * @example
 * const perUser = rateBucket(100_000); // bytes of messages per second
 * await perUser.take(1000);
 * await session.send(new Uint8Array(1000));
 *
 * @param bytesPerSecond 1 … 4294967295.
 * @throws OptionError if an argument is invalid; `error.option` names it.
 */
export function rateBucket(bytesPerSecond: number, options: RateBucketOptions = {}): RateBucket {
  checkOptions(options, NAMES);
  const { burst = BURST_DEFAULT, scheduler } = options;
  requireScheduler('scheduler', scheduler);
  return new RateBucket(requireRate(bytesPerSecond), requireBurst('burst', burst), clockOf(scheduler));
}

function requireRate(rate: number): number {
  return requireInteger('bytesPerSecond', rate, 1, RATE_MAX);
}
