// When kcp-go would flush: at once when its session is made, then after every `interval`, or earlier when a
// retransmission is due earlier (kcp-go sess.go, update; kcp.go, flush: nextUpdate). Most of those flushes
// find nothing to do, so we do not make them: this file knows where they would have been, which decides when
// something that waits for "the next flush" (an ack, a probe, a delayed write) leaves.

import { earliest, isReached, serialDiff } from './serial.ts';

export class FlushGrid {
  /** ms between flushes. */
  interval: number;
  /** The next flush (int32 clock). */
  next = 0;

  constructor(interval: number, now: number) {
    this.interval = interval;
    this.restart(now);
  }

  /** Begins again. */
  restart(now: number): void {
    this.next = (now + this.interval) | 0;
  }

  /** Whether a flush should have been by `now`. */
  isBehind(now: number): boolean {
    const ahead = serialDiff(this.next, now);
    // It is nowhere near: the clock has wrapped meanwhile, or the interval is another.
    if (ahead > this.interval) this.restart(now);
    return ahead <= 0;
  }

  /** Passes over the flushes up to and including `now`, of which there is at least one. */
  skipTo(now: number, nextDue: number | undefined): void {
    this.next = this.firstAfter((now + 1) | 0);
    this.#pullTo(now, nextDue);
  }

  /** The flush at `now` was made. */
  flushed(now: number, nextDue: number | undefined): void {
    this.restart(now);
    this.#pullTo(now, nextDue);
  }

  /** The first flush at or after `at`. */
  firstAfter(at: number): number {
    const ahead = Math.max(serialDiff(at, this.next), 0);
    return (this.next + Math.ceil(ahead / this.interval) * this.interval) | 0;
  }

  #pullTo(now: number, nextDue: number | undefined): void {
    if (!isReached(now, nextDue)) this.next = earliest(this.next, nextDue);
  }
}
