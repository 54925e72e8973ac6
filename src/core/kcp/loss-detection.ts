// Which segments count as lost, and are to be sent again (kcp-go kcp.go, flush phase 5), and when a peer that has gone
// silent is no longer flooded with them.

import { RTO_MAX } from './rtt.ts';
import type { OutgoingSegment, SendBuffer } from './send-buffer.ts';
import { serialDiff } from './serial.ts';

/** Timeouts of the oldest segment, with nothing heard, after which only that one is retransmitted. */
const SILENT_TIMEOUTS_MAX = 3;

export class LossDetection {
  /** The lost segments that `collect` found, in sn order, each with its new rto. To be emptied by who sends them. */
  readonly due: OutgoingSegment[] = [];
  /** How many of them were told by acks of enough later segments, */
  fast = 0;
  /** … by an ack of a later segment when there was nothing new to send, */
  early = 0;
  /** … and by their timeout. */
  timedOut = 0;
  #silentTimeouts = 0;
  /** When the oldest segment is to be sent once more, whatever its timeout; undefined when it is not. */
  #repeatAt: number | undefined;
  /** No timeout before that. */
  #postponedUntil: number | undefined;

  /** The peer seems gone: nothing but the oldest segment is sent until it is heard again. */
  get isSilent(): boolean {
    return this.#silentTimeouts >= SILENT_TIMEOUTS_MAX;
  }

  /** The peer was heard. Returns whether that broke a silence. */
  heard(): boolean {
    const broken = this.isSilent;
    this.#silentTimeouts = 0;
    this.#repeatAt = undefined;
    return broken;
  }

  /**
   * The application sends at `now`, although the oldest segment has timed out and nothing was heard since: that one is to go along,
   * a quarter of `srtt` after its last transmission, or later when `silence`, ms, is long. If the network is back, it arrives at once.
   */
  repeatOldest(sending: SendBuffer, now: number, srtt: number, silence: number): void {
    const { oldest } = sending;
    if (this.#silentTimeouts === 0 || this.#repeatAt !== undefined || oldest === undefined) return;
    const at = (oldest.ts + Math.max(srtt >> 2, silence >> 7)) | 0;
    this.#repeatAt = serialDiff(at, now) > 0 ? at : now;
  }

  /** When the oldest segment is to be sent once more (int32 clock); undefined when it is not. */
  get repeatAt(): number | undefined {
    return this.#repeatAt;
  }

  /** The segment to send once more at `now`, its timeout as it was: none if it leaves anyway, as `due` says. */
  takeRepeat(sending: SendBuffer, now: number): OutgoingSegment | undefined {
    if (this.#repeatAt === undefined || serialDiff(now, this.#repeatAt) < 0) return undefined;
    this.#repeatAt = undefined;
    const { oldest } = sending;
    return oldest !== undefined && oldest !== this.due[0] ? oldest : undefined;
  }

  /**
   * Something new was acknowledged: the backoff of the segment that is now the oldest begins afresh.
   *
   * @param timeout that of a segment after its first.
   */
  restartBackoff(sending: SendBuffer, timeout: number): void {
    const { oldest } = sending;
    if (oldest === undefined || oldest.transmissions < 3 || oldest.rto <= timeout) return;
    oldest.rto = timeout;
    sending.hasten(oldest, (oldest.ts + timeout) | 0);
  }

  /** The network is back: no silence, no backoff, and what has waited for an RTO is due at `now`. */
  kick(sending: SendBuffer, now: number, rto: number): void {
    this.#silentTimeouts = 0;
    this.#postponedUntil = undefined;
    for (let segment = sending.oldest; segment !== undefined; segment = segment.next) {
      segment.rto = Math.min(segment.rto, rto);
      const at = (segment.ts + rto) | 0;
      sending.hasten(segment, serialDiff(at, now) < 0 ? now : at);
    }
  }

  /** The segment whose timeout is the next to be noticed. */
  nextDue(sending: SendBuffer): OutgoingSegment | undefined {
    return this.isSilent ? sending.oldest : sending.nextDue;
  }

  /** Timeouts are to wait until `until`, unless the next of them has waited once already. */
  postpone(sending: SendBuffer, until: number): void {
    const before = this.#postponedUntil;
    const next = this.nextDue(sending);
    if (before === undefined || next === undefined || serialDiff(next.deadline, before) > 0)
      this.#postponedUntil = until;
  }

  /** When a timeout that is due at `deadline` will be noticed at the earliest. */
  noticedAt(deadline: number): number {
    const until = this.#postponedUntil;
    return until !== undefined && serialDiff(until, deadline) > 0 ? until : deadline;
  }

  /**
   * Finds what is lost at `now`, and takes it out of the timers of `sending`.
   *
   * @param rto the session's. @param backoff what a timeout adds to a segment's own.
   * @param resend fast acks that tell a loss; 0: none do. @param hasNew whether new segments leave in this flush.
   */
  collect(sending: SendBuffer, now: number, rto: number, backoff: number, resend: number, hasNew: boolean): void {
    const { due } = this;
    this.fast = this.early = this.timedOut = 0;
    const hasTimeouts = this.#noticesTimeouts(now);
    if (this.isSilent) {
      if (hasTimeouts) this.#collectOldest(sending, now, backoff);
      return;
    }
    if (sending.suspects.length === 0 && !sending.isTimedOut(now)) return;
    this.fast = sending.takeSuspects(resend > 0 ? resend : Infinity, !hasNew, due);
    this.early = due.length - this.fast;
    for (const segment of due) segment.rto = rto;
    const { oldest } = sending;
    while (hasTimeouts && sending.isTimedOut(now)) {
      const segment = sending.takeNextDue();
      segment.rto += backoff;
      segment.fastAcks = 0;
      if (segment === oldest) this.#silentTimeouts++;
      this.timedOut++;
      due.push(segment);
    }
    due.sort(bySn);
  }

  #noticesTimeouts(now: number): boolean {
    const left = this.#postponedUntil === undefined ? 0 : serialDiff(this.#postponedUntil, now);
    // More than that was never left: it is long past, and the clock has wrapped.
    if (left > 0 && left <= RTO_MAX) return false;
    this.#postponedUntil = undefined;
    return true;
  }

  #collectOldest(sending: SendBuffer, now: number, backoff: number): void {
    const { oldest } = sending;
    if (oldest === undefined || serialDiff(now, oldest.deadline) < 0) return;
    oldest.rto += backoff;
    this.timedOut = 1;
    this.due.push(oldest);
  }
}

function bySn(a: OutgoingSegment, b: OutgoingSegment): number {
  return serialDiff(a.sn, b.sn);
}
