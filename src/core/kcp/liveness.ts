// Noticing that a peer is gone when there is nothing to send. KCP has no close and no keepalive, but every KCP
// peer answers WASK with WINS, so a probe needs no packet type of our own. Off unless asked for.

import { serialDiff } from './serial.ts';

/** Probes sent, one after another, in the second half of the idle timeout. */
const PROBES = 6;

export class Liveness {
  #timeout = 0;
  #heardAt: number;
  #probesSent = 0;

  constructor(now: number) {
    this.#heardAt = now;
  }

  /** ms without a word from the peer after which it counts as gone; 0 is off. */
  get timeout(): number {
    return this.#timeout;
  }

  /** Sets the timeout, which begins now. */
  start(timeout: number, now: number): void {
    this.#timeout = timeout;
    this.heard(now);
  }

  /** A valid packet of the peer came. */
  heard(now: number): void {
    this.#heardAt = now;
    this.#probesSent = 0;
  }

  /** When to look again (int32 clock); undefined when off. */
  get nextAt(): number | undefined {
    return this.#timeout === 0 ? undefined : (this.#heardAt + this.#patience) | 0;
  }

  /** ms after the last word until the next probe, or the end. */
  get #patience(): number {
    return Math.ceil((this.#timeout * (PROBES + this.#probesSent)) / (2 * PROBES));
  }

  /** What is to be done at `now`. */
  check(now: number): 'nothing' | 'probe' | 'expired' {
    const at = this.nextAt;
    if (at === undefined || serialDiff(now, at) < 0) return 'nothing';
    if (this.#probesSent === PROBES) return 'expired';
    // However late this is, each probe gets its time to be answered: it may be us who slept.
    this.#heardAt = (now - this.#patience) | 0;
    this.#probesSent++;
    return 'probe';
  }
}
