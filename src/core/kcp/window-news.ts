// Telling the peer that our window has opened, until data comes. The one packet that says so may be lost: then the peer asks for
// the window some time, but kcp-go only after up to two minutes.

import { serialDiff } from './serial.ts';

/** Times the news is repeated. */
const REPEATS_MAX = 10;
/** Of these, how many follow each other after an eighth of an RTO; the wait for the others doubles. */
const REPEATS_DENSE = 6;

export class WindowNews {
  /** The window in the packet sent last. */
  told = 1;
  #repeats = REPEATS_MAX;
  #nextAt: number | undefined;

  /** The window has opened. That is news, if it was told as closed. */
  opened(): void {
    if (this.told === 0) this.#repeats = 0;
  }

  /** New data came: the peer knows, or will learn from the ack. */
  arrived(): void {
    this.#repeats = REPEATS_MAX;
    this.#nextAt = undefined;
  }

  /** When the news is to be repeated (int32 clock); undefined when it is not. */
  get nextAt(): number | undefined {
    return this.#nextAt;
  }

  isDue(now: number): boolean {
    return this.#nextAt !== undefined && serialDiff(now, this.#nextAt) >= 0;
  }

  /** The window is told at `now`; `rto` is the session's. */
  tell(now: number, rto: number): void {
    this.#nextAt = undefined;
    if (this.#repeats === REPEATS_MAX) return;
    const wait = (rto >>> 3) << Math.max(this.#repeats - REPEATS_DENSE + 1, 0);
    this.#repeats++;
    this.#nextAt = (now + wait) | 0;
  }
}
