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
/** ms between repeats, at most, but for a quarter of the RTT. */
const REPEAT_MAX = 32;

export class LossDetection {
  /** The lost segments that `collect` found, in sn order, each with its new rto. To be emptied by who sends them. */
  readonly due: OutgoingSegment[] = [];
  /** How many of them were told by acks of enough later segments, */
  fast = 0;
  /** … and how many by an ack of a later segment when there was nothing new to send; the others by their timeout. */
  early = 0;
  /** When a segment is to be repeated, whatever its timeout (int32 clock); undefined if none is. */
  repeatAt: number | undefined;
  readonly #tunables: Readonly<Tunables>;
  readonly #rtt: RttEstimator;
  readonly #sending: SendBuffer;
  #silentTimeouts = 0;
  /** When the last attempt was made to reach a peer that says nothing. */
  #triedAt = 0;
  /** Whether the last repeat passed over the first segment that may be missing. */
  #skips = false;
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
    for (let segment = broken ? this.#sending.oldest : undefined; segment; segment = this.#sending.after(segment)) {
      this.#shorten(segment, this.#rtt.rto, now);
    }
    return broken;
  }

  /**
   * The application sends at `now`, although the oldest segment has timed out and nothing was heard since: a segment is to go along, a
   * quarter of the RTT after the last attempt, or later when `silence`, ms, is long. If the network is back, it arrives at once.
   */
  wantRepeat(now: number, silence: number): void {
    const wait = Math.max(this.#rtt.srtt >> 2, Math.min(silence >> 8, REPEAT_MAX));
    if (this.#silentTimeouts > 0) this.repeatAt ??= latest(now, (this.#triedAt + wait) | 0);
  }

  /**
   * The segment to repeat at `now`, its timeout as it was. Nothing came from the peer since `heardAt`. What had arrived by then
   * was half a round trip on its way, so the first one sent after that is the first that is missing, or, if its acknowledgment was on its
   * way when the network went, the next. They take turns: whichever it is can be delivered as soon as it arrives.
   */
  takeRepeat(now: number, heardAt: number | undefined): OutgoingSegment | undefined {
    if (!isReached(now, this.repeatAt)) return undefined;
    this.repeatAt = undefined;
    this.#triedAt = now;
    const sending = this.#sending;
    if (!this.isSilent || heardAt === undefined) return sending.oldest;
    let skips = !this.#skips;
    this.#skips = skips;
    let since = heardAt - ((this.#rtt.srtt - this.#tunables.interval) >> 1);
    let segment = sending.oldest;
    for (; segment; segment = sending.after(segment)) {
      const first = segment.earlier[0] ?? segment.ts;
      if (isReached(first, since)) {
        if (!skips) break;
        skips = false;
        since = first + 1;
      }
    }
    return segment ?? sending.oldest;
  }

  /** Something new was acknowledged: the backoff of the segment that is now the oldest begins afresh. */
  restartBackoff(): void {
    const { oldest } = this.#sending;
    // Its timeout becomes that of a segment after its first one.
    if (oldest && oldest.xmit > 2) this.#shorten(oldest, this.#rtt.rto + this.#backoff());
  }

  /** The network is back: no silence, no backoff, and what has waited for an RTO is due at `now`. */
  kick(now: number): void {
    this.#postponedUntil = undefined;
    this.#silentTimeouts = SILENT_TIMEOUTS_MAX;
    this.heard(now);
  }

  /** The timeout of `segment` is no longer than `rto`; it does not end before `now`. */
  #shorten(segment: OutgoingSegment, rto: number, now?: number): void {
    segment.rto = Math.min(segment.rto, rto);
    this.#sending.hasten(segment, latest((segment.ts + rto) | 0, now));
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
    const { due, isSilent } = this;
    const sending = this.#sending;
    const { oldest, congestion } = sending;
    this.fast = this.early = 0;
    const wait = serialDiff(this.#postponedUntil ?? now, now);
    // More than that was never left: it is long past, and the clock has wrapped.
    const hasTimeouts = wait <= 0 || wait > RTO_MAX;
    if (hasTimeouts) this.#postponedUntil = undefined;
    if (!isSilent && sending.hasSuspects) {
      this.fast = sending.takeSuspects(this.#tunables.resend || Infinity, !hasNew, due);
      this.early = due.length - this.fast;
      for (const segment of due) segment.rto = this.#rtt.rto;
    }
    const most = due.length + (congestion?.timeouts ?? TIMEOUTS_MAX);
    let segment = hasTimeouts && isReached(now, this.nextDue) ? oldest : undefined;
    for (; segment && due.length < most; segment = isSilent ? undefined : sending.after(segment)) {
      // One without a timer is due already.
      if (segment.place < 0 || !isReached(now, segment.due)) continue;
      if (segment === oldest) {
        this.#silentTimeouts++;
        this.repeatAt = undefined;
        this.#triedAt = now;
      } else if (congestion?.spares(segment)) continue;
      segment.skips = 0;
      segment.rto += this.#backoff();
      due.push(segment);
    }
    if (due.length > 1) due.sort(bySn);
  }

  /** What a timeout adds to that of its segment. */
  #backoff(): number {
    const { rto } = this.#rtt;
    return this.#tunables.nodelay ? rto >> 1 : rto;
  }
}
