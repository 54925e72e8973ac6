// Whether a peer is gone: how long transmissions that ask for an answer have gone without one. What counts is time, not the
// transmissions of one segment: a network that loses two datagrams of three, or all large ones, still brings answers.

import { serialDiff } from './serial.ts';

/** ms that are left to a peer, once in a silence, when time was excused: its answer may be there, and wait to be taken in. */
const GRACE = 1000;

export class Unanswered {
  /** ms without an answer after which the peer counts as gone; 0 is never. */
  deadAfter = 0;
  /** Data segments and window probes sent since the peer was last heard. */
  transmissions = 0;
  #since = 0;
  /** Whether the peer has had its last chance. */
  #isGraced = false;
  #heardAt: number | undefined;

  /** Something was sent at `now` that every peer answers. */
  sent(now: number): void {
    if (this.transmissions++ === 0) this.#since = now;
  }

  /** A valid packet of the peer came. */
  heard(now: number): void {
    this.transmissions = 0;
    this.#isGraced = false;
    this.#heardAt = now;
  }

  /** Of the time up to `now`, `ms` do not count: this end could not have noticed an answer, or the network was known to be gone. */
  excuse(now: number, ms: number): void {
    this.#since = (this.#since + Math.min(ms, this.waited(now))) | 0;
    const atLeast = (now + Math.min(GRACE, this.deadAfter) - this.deadAfter) | 0;
    if (this.#isGraced || serialDiff(this.#since, atLeast) >= 0) return;
    this.#isGraced = true;
    this.#since = atLeast;
  }

  /** When the peer counts as gone (int32 clock); undefined while it owes nothing. */
  get deadAt(): number | undefined {
    if (this.transmissions === 0 || this.deadAfter === 0) return undefined;
    return (this.#since + this.deadAfter) | 0;
  }

  /** Whether the peer counts as gone at `now`. */
  isDead(now: number): boolean {
    const at = this.deadAt;
    return at !== undefined && serialDiff(now, at) >= 0;
  }

  /** Whether the peer has ever said anything. */
  get wasHeard(): boolean {
    return this.#heardAt !== undefined;
  }

  /** ms from the first of the unanswered transmissions to `now`. */
  waited(now: number): number {
    return this.transmissions === 0 ? 0 : Math.max(serialDiff(now, this.#since), 0);
  }

  /** ms from the last packet of the peer to `now`; undefined when there never was one. */
  heardAgo(now: number): number | undefined {
    return this.#heardAt === undefined ? undefined : serialDiff(now, this.#heardAt) >>> 0;
  }
}
