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
  set timeout(milliseconds: number) {
    this.#timeout = milliseconds;
    this.#probesSent = 0;
  }

  get timeout(): number {
    return this.#timeout;
  }

  /** A valid packet of the peer came. */
  heard(now: number): void {
    this.#heardAt = now;
    this.#probesSent = 0;
  }

  /** When to look again (int32 clock); undefined when off. */
  get nextAt(): number | undefined {
    if (this.#timeout === 0) return undefined;
    const share = this.#probesSent < PROBES ? (PROBES + this.#probesSent) / (2 * PROBES) : 1;
    return (this.#heardAt + Math.ceil(this.#timeout * share)) | 0;
  }

  /** What is to be done at `now`. */
  check(now: number): 'nothing' | 'probe' | 'expired' {
    const at = this.nextAt;
    if (at === undefined || serialDiff(now, at) < 0) return 'nothing';
    if (serialDiff(now, (this.#heardAt + this.#timeout) | 0) >= 0) return 'expired';
    // One probe, however many a late timer has missed.
    do this.#probesSent++;
    while (serialDiff(now, this.nextAt as number) >= 0);
    return 'probe';
  }
}
