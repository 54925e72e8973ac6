// Whether a peer is gone: dead, or idle.
//
// Dead is one that owes an answer: transmissions that ask for one have gone without it for too long. What counts is time, not the
// transmissions of one segment: a network that loses two datagrams of three, or all large ones, still brings answers.
//
// Idle is one that says nothing, although there may be nothing to answer. KCP has no close and no keepalive, but every KCP peer answers
// WASK with WINS, so a probe needs no packet type of our own. Off unless asked for.

import type { DeadLink } from '../../errors.ts';
import { earliest, isReached, serialDiff } from './serial.ts';
import type { Tunables } from './tunables.ts';

/** ms that are left to a peer, once in a silence, when time was excused: its answer may be there, and wait to be taken in. */
const GRACE = 1000;
/** Probes sent, one after another, in the second half of the idle timeout. */
const PROBES = 6;

export class Silence {
  /** Data segments and window probes sent since the peer was last heard. */
  #unanswered = 0;
  /** Transmissions of the segment that was transmitted `deadLink` times; 0 if none was. */
  wornOut = 0;
  /** When the last valid packet of the peer came; undefined while none has. */
  heardAt: number | undefined;
  readonly #tunables: Readonly<Tunables>;
  /** When the first of them was sent. */
  #since = 0;
  /** Whether the peer has had its last chance. */
  #isGraced = false;
  /** When the idle timeout began, but for what its probes have added. */
  #idleSince: number;
  #probesSent = 0;

  constructor(tunables: Readonly<Tunables>, now: number) {
    this.#tunables = tunables;
    this.#idleSince = now;
  }

  /** Something was sent at `now` that every peer answers. */
  sent(now: number): void {
    if (this.#unanswered++ === 0) this.#since = now;
  }

  /** A valid packet of the peer came. */
  heard(now: number): void {
    this.#unanswered = 0;
    this.#isGraced = false;
    this.heardAt = now;
    this.restartIdle(now);
  }

  /** The idle timeout begins at `now`. */
  restartIdle(now: number): void {
    this.#idleSince = now;
    this.#probesSent = 0;
  }

  /** Of the time up to `now`, `ms` do not count: this end could not have noticed an answer, or the network was known to be gone. */
  excuse(now: number, ms: number): void {
    const { deadAfter } = this.#tunables;
    this.#since = (this.#since + Math.min(ms, this.waited(now))) | 0;
    const atLeast = (now - Math.max(deadAfter - GRACE, 0)) | 0;
    if (this.#isGraced || isReached(this.#since, atLeast)) return;
    this.#isGraced = true;
    this.#since = atLeast;
  }

  /** When to `check` again (int32 clock); undefined while there is nothing to wait for. */
  get nextAt(): number | undefined {
    return earliest(this.#deadAt(), this.#idleAt());
  }

  /** What the silence means at `now`: that the peer is gone, or that it is to be asked. */
  check(now: number): 'dead' | 'idle' | 'probe' | undefined {
    if (isReached(now, this.#deadAt())) return 'dead';
    if (!isReached(now, this.#idleAt())) return undefined;
    if (this.#probesSent === PROBES) return 'idle';
    // However late this is, each probe gets its time to be answered: it may be us who slept.
    this.#idleSince = (now - this.#patience()) | 0;
    this.#probesSent++;
    return 'probe';
  }

  /** How the link died, told at `now`. */
  deadLink(now: number): DeadLink {
    const { wornOut } = this;
    return {
      transmissions: wornOut || this.#unanswered,
      waited: wornOut > 0 ? undefined : this.waited(now),
      heardAgo: this.heardAt === undefined ? undefined : serialDiff(now, this.heardAt) >>> 0,
    };
  }

  /** ms from the first of the unanswered transmissions to `now`. */
  waited(now: number): number {
    return this.#unanswered === 0 ? 0 : Math.max(serialDiff(now, this.#since), 0);
  }

  /** When the peer counts as dead; undefined while it owes nothing. */
  #deadAt(): number | undefined {
    const { deadAfter } = this.#tunables;
    return this.#unanswered > 0 && deadAfter > 0 ? (this.#since + deadAfter) | 0 : undefined;
  }

  /** When a peer that says nothing is to be asked, or counts as idle; undefined when that is off. */
  #idleAt(): number | undefined {
    return this.#tunables.idleTimeout > 0 ? (this.#idleSince + this.#patience()) | 0 : undefined;
  }

  /** ms after the last word until the next probe, or the end. */
  #patience(): number {
    return Math.ceil((this.#tunables.idleTimeout * (PROBES + this.#probesSent)) / (2 * PROBES));
  }
}
