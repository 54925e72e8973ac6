// Noticing that the peer has forgotten the conversation: its process was restarted, and took up, as kcp-go and the C core do, the
// middle of what it never saw the beginning of. It would acknowledge, segment by segment, what its reader will never get. What gives it
// away is `una`, which never goes back. Packets that were overtaken say less than what is known as well, so it takes more than one.

import { ACK } from './segment.ts';
import { isReached, serialDiff } from './serial.ts';

/** ms without a packet that knows as much as we were told, at least, after which one that knows less is not just late. */
const LATE_MIN = 500;
/** What an ack of something weighs that was sent when we had been told more than it says; what any other packet does; and what is enough. */
const PROOF = 2;
const SIGN = 1;
const ENOUGH = 3;

export class RestartWatch {
  #movedAt: number | undefined;
  #heardAt = 0;
  /** When the last sign came that counts; undefined when none has since a packet agreed. */
  #signAt: number | undefined;
  #weight = 0;

  /** The peer has, for sure, forgotten. */
  get isCertain(): boolean {
    return this.#weight >= ENOUGH;
  }

  /** A packet came that knows all that we were told, or, if `moved`, more. */
  agrees(now: number, moved: boolean): void {
    this.#heardAt = now;
    this.#weight = 0;
    this.#signAt = undefined;
    if (moved) this.#movedAt = now;
  }

  /** A segment came whose `una` is less than what we were told. Returns whether its sender seems to have forgotten: nothing it says counts. */
  disagrees(cmd: number, ts: number, now: number, rto: number): boolean {
    if (this.#movedAt === undefined) return false;
    const isProof = cmd === ACK && serialDiff(ts, this.#movedAt) > 0 && isReached(now, ts);
    if (isProof) {
      this.#weight += PROOF;
      return true;
    }
    if (serialDiff(now, this.#heardAt) <= Math.max(2 * rto, LATE_MIN)) return false;
    // An ack of what was sent before may be late, for as long as it likes. And packets that were late together are one sign: at the first the
    // peer is asked, so before the third, an RTO later, it has answered.
    const isRepeated = this.#signAt !== undefined && serialDiff(now, this.#signAt) < rto >> 1;
    if (cmd === ACK || isRepeated) return true;
    this.#signAt = now;
    this.#weight += SIGN;
    return true;
  }
}
