// Telling the peer our window: when it asks, and when it has opened, until data comes. The one packet that says so may be lost: then
// the peer asks for the window some time, but kcp-go only after up to two minutes.

import { isReached } from './serial.ts';

/** Times the news is repeated. */
const REPEATS_MAX = 10;
/** Of these, how many follow each other after an eighth of an RTO; the wait for the others doubles. */
const REPEATS_DENSE = 6;

export class WindowNews {
  /** The window in the packet sent last. */
  told = 1;
  /** Whether the next flush tells the window: the peer has asked, or what was full has opened. */
  wanted = false;
  /** When the news is to be repeated (int32 clock); undefined when it is not. */
  nextAt: number | undefined;
  #repeats = REPEATS_MAX;

  /** The window has opened. That is news, if it was told as closed. */
  opened(): void {
    this.wanted = true;
    if (this.told === 0) this.#repeats = 0;
  }

  /** New data came: the peer knows, or will learn from the ack. */
  arrived(): void {
    this.#repeats = REPEATS_MAX;
    this.nextAt = undefined;
  }

  /** Whether a flush at `now` tells the window. */
  isDue(now: number): boolean {
    return this.wanted || isReached(now, this.nextAt);
  }

  /** The window is told at `now`; `rto` is the session's. */
  tell(now: number, rto: number): void {
    const wait = (rto >>> 3) << Math.max(this.#repeats - REPEATS_DENSE + 1, 0);
    this.wanted = false;
    this.nextAt = this.#repeats++ < REPEATS_MAX ? (now + wait) | 0 : undefined;
  }
}
