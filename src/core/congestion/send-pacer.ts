// Spreads what leaves over time: a token bucket, kept as the time at which all that has left is paid for.

/** ms between two wake-ups, at least: what timers can tell apart, and what leaves batches for the system to segment. */
const GAP_MIN = 1;
/** Datagrams that leave at once after a pause, at least. */
const BURST_MIN = 2;
/** ms that a timer may be late without loss of rate. */
const LATE_MAX = 5;

export class SendPacer {
  /** Whether something waits for the bucket. */
  waits = false;
  /** Bytes per ms. */
  #rate = Infinity;
  #datagram = 0;
  /** When everything that has left is paid for, ms. */
  #paidAt = -Infinity;

  /** @param rate bytes per second. @param datagram bytes of the largest. */
  set(rate: number, datagram: number): void {
    this.#rate = rate / 1000;
    this.#datagram = datagram;
  }

  /** Bytes that may leave at `now`. */
  allowance(now: number): number {
    if (this.#rate === Infinity) return Infinity;
    // A byte more: what makes up a datagram may be less by a rounding.
    return Math.min(Math.max(now - this.#paidAt, 0) * this.#rate + 1, this.#most);
  }

  /** When enough is saved to send again, ms. */
  get nextAt(): number {
    return this.#paidAt + Math.max(this.#datagram / this.#rate, GAP_MIN);
  }

  /** So many bytes leave at `now`. */
  sent(now: number, bytes: number): void {
    if (this.#rate === Infinity) {
      this.#paidAt = now;
      return;
    }
    this.#paidAt = Math.max(this.#paidAt, now - this.#most / this.#rate) + bytes / this.#rate;
  }

  /** Most bytes that can be saved: a burst after a pause, more for a late timer. */
  get #most(): number {
    const burst = Math.max(BURST_MIN * this.#datagram, GAP_MIN * this.#rate);
    return this.waits ? Math.max(burst, LATE_MAX * this.#rate + this.#datagram) : burst;
  }
}
