// Which datagrams leave when, so that no more than so many bytes a second do: a token bucket, and a queue for those that
// have to wait for it. Knows no clock and no timer.

import type { Burst } from '../bytes/burst.ts';
import { TokenBucket } from './token-bucket.ts';

/** What a rate limiter is made with. */
export interface RateLimiterSettings {
  /** Bytes that may leave at once after a while in which nothing did. */
  readonly burst: number;
  /** Bytes by which each datagram will be longer. */
  readonly overhead: number;
  /** Bytes that may wait. */
  readonly queueBytes: number;
  /** Datagrams that may wait. */
  readonly queueDatagrams: number;
}

export class RateLimiter {
  readonly #settings: RateLimiterSettings;
  #bucket: TokenBucket | undefined;
  #queue: Uint8Array[] = [];
  /** Those of the queue that have left. */
  #left = 0;
  #queuedBytes = 0;

  constructor(settings: RateLimiterSettings) {
    this.#settings = settings;
  }

  /** Whether there is no limit, and nothing that still waits. */
  get isOpen(): boolean {
    return this.#bucket === undefined && this.isEmpty;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Bytes a second from now on; 0: as many as there are. A limit where there was none starts with a full bucket. */
  setRate(bytesPerSecond: number, now: number): void {
    if (bytesPerSecond === 0) this.#bucket = undefined;
    else if (this.#bucket === undefined) this.#bucket = new TokenBucket(bytesPerSecond, this.#settings.burst, now);
    else this.#bucket.setRate(bytesPerSecond, now);
  }

  /** Takes a burst in, behind those that wait. Returns how many of it there was no room for; those are dropped. */
  add(burst: Burst, now: number): { leaving: Burst; dropped: number } {
    const leaving = this.take(now);
    let next = 0;
    if (this.isEmpty) for (; next < burst.length && this.#leaves(burst[next]!, now); next++) leaving.push(burst[next]!);
    let dropped = 0;
    for (; next < burst.length; next++) if (!this.#enqueue(burst[next]!)) dropped++;
    return { leaving, dropped };
  }

  /** Those that wait no longer, in order. */
  take(now: number): Uint8Array[] {
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

  /** ms until the next one may leave; undefined when none waits. */
  nextTimeout(now: number): number | undefined {
    const next = this.#queue[this.#left];
    if (next === undefined) return undefined;
    return this.#bucket?.wait(this.#sizeOf(next), now) ?? 0;
  }

  #leaves(datagram: Uint8Array, now: number): boolean {
    if (this.#bucket === undefined) return true;
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
