// A rate limiter: a token bucket says which datagrams may leave, and a queue keeps those that have to wait for it. What `rateLimit` and a
// session send by, with settings that are checked.

import type { SchedulerLike } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { type QueuedTimer, timerQueueOf } from './timer-queue.ts';
import { TokenBucket, type Tokens } from './token-bucket.ts';

export interface PacerSettings {
  /** Bytes that may leave at once after a while in which nothing did. */
  readonly burst: number;
  /** Bytes by which each datagram will be longer. */
  readonly overhead: number;
  /** Bytes that may wait. */
  readonly queueBytes: number;
  /** Datagrams that may wait. */
  readonly queueDatagrams: number;
}

export const RATE_LIMIT_DEFAULTS: PacerSettings = {
  burst: 96_000,
  overhead: 0,
  queueBytes: 4 * 1024 * 1024,
  queueDatagrams: 2048,
};

/** Tokens that several take. */
export interface SharedTokens {
  join(): Tokens;
}

/** Emits datagrams when the rate lets them leave. There is no limit before `setRate`. */
export class Pacer {
  readonly #settings: PacerSettings;
  readonly #scheduler: SchedulerLike;
  readonly #emit: (burst: Burst) => void;
  readonly #dropped: (count: number) => void;
  readonly #timer: QueuedTimer;
  #bucket: Tokens | undefined;
  #queue: Uint8Array[] = [];
  /** Those of the queue that have left. */
  #left = 0;
  #queuedBytes = 0;
  #ended = false;

  /** @param dropped called with how many datagrams of a burst found no room in the line, before the others are emitted. */
  constructor(
    settings: PacerSettings,
    scheduler: SchedulerLike,
    emit: (burst: Burst) => void,
    dropped: (count: number) => void,
  ) {
    this.#settings = settings;
    this.#scheduler = scheduler;
    this.#emit = emit;
    this.#dropped = dropped;
    this.#timer = timerQueueOf(scheduler).timer(() => this.#pass(this.#take(scheduler.now())));
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Bytes per second from now on; 0 means no limit. The first limit starts with a full bucket. */
  setRate(rate: number | SharedTokens): void {
    const now = this.#scheduler.now();
    if (!rate) this.#bucket = undefined;
    else if (typeof rate !== 'number') this.#bucket = rate.join();
    else if (this.#bucket instanceof TokenBucket) this.#bucket.setRate(rate, now);
    else this.#bucket = new TokenBucket(rate, this.#settings.burst, now);
    if (!this.isEmpty) this.#pass(this.#take(now));
  }

  /** Emits what may leave at once; the rest waits behind what waits already. */
  send(burst: Burst): void {
    if (!this.#bucket && this.isEmpty) {
      if (burst.length > 0) this.#emit(burst);
      return;
    }
    const now = this.#scheduler.now();
    const leaving = this.#take(now);
    let next = 0;
    if (this.isEmpty) for (; next < burst.length && this.#leaves(burst[next]!, now); next++) leaving.push(burst[next]!);
    let dropped = 0;
    for (; next < burst.length; next++) if (!this.#enqueue(burst[next]!)) dropped++;
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
    const next = this.#queue[this.#left];
    this.#timer.set(next && (this.#bucket?.wait(this.#sizeOf(next), this.#scheduler.now()) ?? 0));
    if (leaving.length > 0) this.#emit(leaving);
  }

  /** Those that wait no longer, in order. */
  #take(now: number): Uint8Array[] {
    const leaving: Uint8Array[] = [];
    for (; this.#left < this.#queue.length; this.#left++) {
      const datagram = this.#queue[this.#left]!;
      if (!this.#leaves(datagram, now)) break;
      this.#queuedBytes -= this.#sizeOf(datagram);
      leaving.push(datagram);
    }
    if (this.#left * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#left);
      this.#left = 0;
    }
    return leaving;
  }

  #leaves(datagram: Uint8Array, now: number): boolean {
    if (!this.#bucket) return true;
    const size = this.#sizeOf(datagram);
    if (this.#bucket.wait(size, now) > 0) return false;
    this.#bucket.take(size, now);
    return true;
  }

  #enqueue(datagram: Uint8Array): boolean {
    const size = this.#sizeOf(datagram);
    const { queueBytes, queueDatagrams } = this.#settings;
    if (this.#queue.length - this.#left >= queueDatagrams || this.#queuedBytes + size > queueBytes) return false;
    this.#queue.push(datagram);
    this.#queuedBytes += size;
    return true;
  }

  #sizeOf(datagram: Uint8Array): number {
    return datagram.length + this.#settings.overhead;
  }
}
