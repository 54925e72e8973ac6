// Which segments count as lost, and are to be sent again (kcp-go kcp.go, flush phase 5), and when a peer that has gone
// silent is no longer flooded with them.

import type { OutgoingSegment } from './outgoing-segment.ts';
import { RTO_MAX, type RttEstimator } from './rtt.ts';
import { bySn, type SendBuffer } from './send-buffer.ts';
import { isReached, latest, serialDiff } from './serial.ts';
import type { Tunables } from './tunables.ts';

/** Timeouts of the oldest segment, with nothing heard, after which only that one is retransmitted. */
const SILENT_TIMEOUTS_MAX = 3;
/**
 * Timeouts of one flush. More of them are less likely lost than held up together, by a peer that had no processor for a moment: the first
 * acks tell, and each of them makes for another flush.
 */
const TIMEOUTS_MAX = 64;

export class LossDetection {
  /** The lost segments that `collect` found, in sn order, each with its new rto. To be emptied by who sends them. */
  readonly due: OutgoingSegment[] = [];
  /** How many of them were told by acks of enough later segments, */
  fast = 0;
  /** … and how many by an ack of a later segment when there was nothing new to send; the others by their timeout. */
  early = 0;
  /** When the oldest segment is to be sent once more, whatever its timeout (int32 clock); undefined when it is not. */
  repeatAt: number | undefined;
  readonly #tunables: Readonly<Tunables>;
  readonly #rtt: RttEstimator;
  readonly #sending: SendBuffer;
  #silentTimeouts = 0;
  /** No timeout before that. */
  #postponedUntil: number | undefined;

  constructor(tunables: Readonly<Tunables>, rtt: RttEstimator, sending: SendBuffer) {
    this.#tunables = tunables;
    this.#rtt = rtt;
    this.#sending = sending;
  }

  /** The peer seems gone: nothing but the oldest segment is sent until it is heard again. */
  get isSilent(): boolean {
    return this.#silentTimeouts >= SILENT_TIMEOUTS_MAX;
  }

  /** The peer was heard at `now`. Returns whether that broke a silence: then what has waited for an RTO is due, without backoff. */
  heard(now: number): boolean {
    const broken = this.isSilent;
    this.#silentTimeouts = 0;
    this.repeatAt = undefined;
    if (broken) this.#hasten(now);
    return broken;
  }

  /**
   * The application sends at `now`, although the oldest segment has timed out and nothing was heard since: that one is to go along, a
   * quarter of the RTT after its last transmission, or later when `silence`, ms, is long. If the network is back, it arrives at once.
   */
  repeatOldest(now: number, silence: number): void {
    const { oldest } = this.#sending;
    if (this.#silentTimeouts === 0 || !oldest) return;
    this.repeatAt ??= latest(now, (oldest.ts + Math.max(this.#rtt.srtt >> 2, silence >> 7)) | 0);
  }

  /** The segment to send once more at `now`, its timeout as it was: none if it leaves anyway, as `due` says. */
  takeRepeat(now: number): OutgoingSegment | undefined {
    if (!isReached(now, this.repeatAt)) return undefined;
    this.repeatAt = undefined;
    const { oldest } = this.#sending;
    return oldest === this.due[0] ? undefined : oldest;
  }

  /** Something new was acknowledged: the backoff of the segment that is now the oldest begins afresh. */
  restartBackoff(): void {
    const { oldest } = this.#sending;
    // That of a segment after its first timeout.
    const timeout = this.#rtt.rto + this.#backoff();
    if (!oldest || oldest.xmit < 3 || oldest.rto <= timeout) return;
    oldest.rto = timeout;
    this.#sending.hasten(oldest, (oldest.ts + timeout) | 0);
  }

  /** The network is back: no silence, no backoff, and what has waited for an RTO is due at `now`. */
  kick(now: number): void {
    this.#silentTimeouts = 0;
    this.#postponedUntil = undefined;
    this.#hasten(now);
  }

  /** Ends all backoff. */
  #hasten(now: number): void {
    const { rto } = this.#rtt;
    for (let segment = this.#sending.oldest; segment; segment = this.#sending.after(segment)) {
      segment.rto = Math.min(segment.rto, rto);
      this.#sending.hasten(segment, latest(now, (segment.ts + rto) | 0));
    }
  }

  /** When the next timeout is due (int32 clock), although it may be noticed later; undefined when none is. */
  get nextDue(): number | undefined {
    const { oldest, nextDue } = this.#sending;
    return (this.isSilent ? oldest : nextDue)?.due;
  }

  /** When the next timeout will be noticed, at the earliest by the flush at `nextFlush`. */
  noticedAt(nextFlush: number): number | undefined {
    const due = this.nextDue;
    return due === undefined ? undefined : latest(latest(due, this.#postponedUntil), nextFlush);
  }

  /** Timeouts are to wait until `late` ms after `now`, an RTO at most, unless the next of them has waited once already. */
  postpone(now: number, late: number): void {
    const until = this.#postponedUntil;
    if (until !== undefined && isReached(until, this.nextDue)) return;
    this.#postponedUntil = (now + Math.min(late, this.#rtt.rto)) | 0;
  }

  /** Finds what is lost at `now`, and takes it out of the timers. @param hasNew whether new segments leave in this flush. */
  collect(now: number, hasNew: boolean): void {
    const { due } = this;
    const sending = this.#sending;
    const { oldest, congestion } = sending;
    this.fast = this.early = 0;
    const wait = serialDiff(this.#postponedUntil ?? now, now);
    // More than that was never left: it is long past, and the clock has wrapped.
    const hasTimeouts = wait <= 0 || wait > RTO_MAX;
    if (hasTimeouts) this.#postponedUntil = undefined;
    if (this.isSilent) {
      if (oldest && hasTimeouts && isReached(now, oldest.due)) this.#timeOut(oldest);
      return;
    }
    if (sending.hasSuspects) {
      this.fast = sending.takeSuspects(this.#tunables.resend || Infinity, !hasNew, due);
      this.early = due.length - this.fast;
      for (const segment of due) segment.rto = this.#rtt.rto;
    }
    const most = due.length + (congestion?.timeouts ?? TIMEOUTS_MAX);
    let segment = hasTimeouts && isReached(now, sending.nextDue?.due) ? oldest : undefined;
    for (; segment && due.length < most; segment = sending.after(segment)) {
      // One without a timer is due already.
      if (segment.place < 0 || !isReached(now, segment.due)) continue;
      if (segment !== oldest && congestion?.spares(segment)) continue;
      segment.skips = 0;
      if (segment === oldest) this.#silentTimeouts++;
      this.#timeOut(segment);
    }
    if (due.length > 1) due.sort(bySn);
  }

  /** What a timeout adds to that of its segment. */
  #backoff(): number {
    const { rto } = this.#rtt;
    return this.#tunables.nodelay ? rto >> 1 : rto;
  }

  #timeOut(segment: OutgoingSegment): void {
    segment.rto += this.#backoff();
    this.due.push(segment);
  }
}
