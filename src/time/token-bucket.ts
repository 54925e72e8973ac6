// A token bucket: how many bytes may leave by when (kcp-go uses golang.org/x/time/rate). Knows no clock and no timer.

/** ms of its rate that a bucket holds at least: timers fire no more often than this, and sometimes late. */
const COARSENESS = 10;
/** A thousandth of a microsecond: below the rounding error of sums of fractions. */
const TOLERANCE = 1e-6;

/** Where tokens come from, for one who sends datagrams in order: `wait` for the next of them, then `take`. */
export interface Tokens {
  /** ms until there are tokens for `bytes`. */
  wait(bytes: number, now: number): number;
  take(bytes: number, now: number): void;
}

export class TokenBucket implements Tokens {
  readonly #sizeMin: number;
  #rate: number;
  /** Bytes that it holds. */
  #size: number;
  /** When the bucket was empty, or, after more was taken than was in it, will be: ms. Says all there is to say. */
  #emptyAt: number;

  /**
   * A full one.
   *
   * @param rate bytes per second, above 0.
   * @param size bytes that it holds; more, if the rate has more in 10 ms.
   * @param now ms.
   */
  constructor(rate: number, size: number, now: number) {
    this.#sizeMin = size;
    this.#rate = rate;
    this.#size = this.#sizeAt(rate);
    this.#emptyAt = now - this.#fillTime(this.#size);
  }

  /** Goes on at another rate, with what is in it. */
  setRate(rate: number, now: number): void {
    const level = (Math.min(now - this.#emptyAt, this.#fillTime(this.#size)) * this.#rate) / 1000;
    this.#rate = rate;
    this.#size = this.#sizeAt(rate);
    this.#emptyAt = now - this.#fillTime(level);
  }

  /** ms until there are `bytes` in it; for more than it holds, until it is full. */
  wait(bytes: number, now: number): number {
    const left = this.#emptyAt + this.#fillTime(Math.min(bytes, this.#size)) - now;
    return left > TOLERANCE ? left - TOLERANCE / 2 : 0;
  }

  /** Takes `bytes` out, whether they are there or not. */
  take(bytes: number, now: number): void {
    this.#emptyAt = Math.max(this.#emptyAt, now - this.#fillTime(this.#size)) + this.#fillTime(bytes);
  }

  #sizeAt(rate: number): number {
    return Math.max(this.#sizeMin, (rate * COARSENESS) / 1000);
  }

  #fillTime(bytes: number): number {
    return (bytes * 1000) / this.#rate;
  }
}
