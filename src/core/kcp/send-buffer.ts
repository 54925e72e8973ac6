// What this end has to send: segments queued, in flight, and acknowledged but not yet passed by una.
//
// One ring indexed by sn holds them all, in the order una ≤ unsent ≤ nxt ≤ end:
//
//   [una … unsent)  in flight: transmitted, some of them already acknowledged
//   [unsent … nxt)  admitted to the window by a flush that sent acks only; the next full flush transmits them
//   [nxt … end)     queued: numbered, but outside the window (kcp-go's snd_queue)
//
// So an ack finds its segment in O(1). Those in flight stand in a heap by retransmission deadline. In kcp-go both walk the
// whole of snd_buf (kcp-go kcp.go, parse_ack, flush phase 5).

import { writeInt32 } from '../../bytes/int.ts';
import { keepSpare, type Ring } from '../../bytes/spare-rings.ts';
import { DeadlineHeap } from '../../time/deadline-heap.ts';
import type { CongestionControl, Controlling, PacedSettings } from '../congestion/congestion-control.ts';
import { NOTHING, OutgoingSegment, renew } from './outgoing-segment.ts';
import { LEN_OFFSET, PUSH, SEGMENT_HEADER } from './segment.ts';
import { writeHeader } from './segment-header.ts';
import { SegmentMemory } from './segment-memory.ts';
import { latest, serialDiff } from './serial.ts';

/** `skips` of a segment that was retransmitted for them often enough: only its timeout sends it again. */
const FAST_RESENT = -1;
/** Transmissions up to which acks of what was sent after a segment's last one have it sent again (the C core's IKCP_FASTACK_LIMIT). */
const FAST_RESENDS_MAX = 5;
/** What an ack of something sent after a segment counts towards `skips`. */
const ACK = 2;
/**
 * What one of something sent before its latest retransmission counts while few segments are in flight, for the first `OLD_ACKS_UP_TO`
 * transmissions. It says nothing of the retransmission; but there, to wait a round trip for what does costs more than one needless segment.
 */
const OLD_ACK = 1;
const OLD_ACKS_UP_TO = 3;
/** Segments in flight, at most, that are few: a thin stream. */
const THIN_MAX = 64;
/** Places of the smallest ring: a thin stream needs no more. A power of two. */
const RING_MIN = 2;
const spareRings: Ring<OutgoingSegment>[] = [];

type Ack = Pick<OutgoingSegment, 'sn' | 'ts'>;

/** The order of segments, and of acks. */
export function bySn(a: { readonly sn: number }, b: { readonly sn: number }): number {
  return serialDiff(a.sn, b.sn);
}

export class SendBuffer {
  una: number;
  nxt: number;
  /** The sn that the next segment queued will have. */
  end: number;
  /** Bytes of payload that were never transmitted. */
  unsentBytes = 0;
  /** What the peer knows for sure that we have received: a segment that said so was acknowledged. */
  confirmed: number | undefined;
  /** Whether a segment was acknowledged since this was last set to false. */
  progress = false;
  /** The oldest transmitted segment that no ack has named; those behind it are told by `after`. */
  oldest: OutgoingSegment | undefined;
  /** Memory of the segments. */
  readonly memory: SegmentMemory;
  /** What limits how much is in flight, in addition to the windows. */
  congestion: CongestionControl | undefined;
  /** What has made it. */
  #controller: Controlling | false | undefined;
  readonly #conv: number;
  #unsent: number;
  /** Objects of segments that are done stay in their places, for those to come. */
  #ring: Ring<OutgoingSegment> = [];
  readonly #suspects: OutgoingSegment[] = [];
  /** Number of the packet being read. */
  #packet = 0;
  /** Acks in it that may have overtaken something. */
  readonly #overtaking: Ack[] = [];
  readonly #timers = new DeadlineHeap<OutgoingSegment>((a, b) => serialDiff(a, b) < 0);

  /** @param sendsInOrder whether the memory of packets may be written to again once they were acknowledged. */
  constructor(conv: number, initialSn: number, sendsInOrder: boolean) {
    this.#conv = conv;
    this.memory = new SegmentMemory(sendsInOrder);
    this.una = this.nxt = this.#unsent = this.end = initialSn;
  }

  /** Has `controller` control what is sent, from `now` on. */
  control(controller: Controlling | false | undefined, settings: PacedSettings, now: number): void {
    if (this.#controller === controller) return;
    this.#controller = controller;
    this.congestion = controller ? controller.control(this, settings, now) : undefined;
  }

  /** Segments queued and in flight (kcp-go's WaitSnd). */
  get length(): number {
    return serialDiff(this.end, this.una);
  }

  get queued(): number {
    return serialDiff(this.end, this.nxt);
  }

  get inFlight(): number {
    return serialDiff(this.nxt, this.una);
  }

  /** The segment whose retransmission is due first. */
  get nextDue(): OutgoingSegment | undefined {
    return this.#timers.peek();
  }

  /** Whether fast acks have called segments into question, not all of them unanswered still. */
  get hasSuspects(): boolean {
    return this.#suspects.length > 0;
  }

  /** Queues `bytes` as one segment. The bytes are copied. */
  append(bytes: Uint8Array, frg: number): void {
    const sn = this.end;
    if (this.length === this.#ring.length) this.#grow();
    const index = sn & (this.#ring.length - 1);
    let segment = this.#ring[index];
    if (!renew(segment)) segment = this.#ring[index] = new OutgoingSegment();
    segment.packet = this.memory.take(SEGMENT_HEADER + bytes.length, sn, this.length);
    segment.packet.set(bytes, SEGMENT_HEADER);
    segment.sn = sn;
    const { latest } = this.memory;
    writeHeader(latest.view, segment.packet.byteOffset, this.#conv, PUSH, frg, 0, 0, sn, 0, bytes.length);
    this.unsentBytes += bytes.length;
    this.end = (sn + 1) | 0;
  }

  /** Stream mode: fills the last queued segment up to `mss`. Returns how many of `bytes` it took. */
  fillLast(bytes: Uint8Array, mss: number): number {
    if (this.queued === 0) return 0;
    const last = this.#at((this.end - 1) | 0);
    const { packet, sn } = last;
    const used = packet.length;
    const taken = Math.min(SEGMENT_HEADER + mss - used, bytes.length);
    if (taken < 1) return 0;
    last.packet = this.memory.extend(packet, taken, sn, this.length);
    last.packet.set(bytes.subarray(0, taken), used);
    writeInt32(last.packet, LEN_OFFSET, used + taken - SEGMENT_HEADER);
    this.unsentBytes += taken;
    return taken;
  }

  /** Moves queued segments into the window, which is `window` segments wide. Returns whether there was one to move. */
  admit(window: number): boolean {
    const room = Math.min(window - this.inFlight, this.queued);
    if (room < 1) return false;
    this.nxt = (this.nxt + room) | 0;
    return true;
  }

  /** The next transmitted segment that no ack has named. */
  after({ sn }: OutgoingSegment): OutgoingSegment | undefined {
    for (let next = (sn + 1) | 0; next !== this.#unsent; next = (next + 1) | 0) {
      const segment = this.#at(next);
      if (segment.acked === 0) return segment;
    }
    return undefined;
  }

  /** How many admitted segments wait for their first transmission. */
  get unsent(): number {
    return serialDiff(this.nxt, this.#unsent);
  }

  /** The next admitted segment that was never transmitted. */
  nextUnsent(): OutgoingSegment | undefined {
    if (this.unsent === 0) return undefined;
    const segment = this.#at(this.#unsent);
    this.#unsent = (this.#unsent + 1) | 0;
    this.unsentBytes -= segment.packet.length - SEGMENT_HEADER;
    return segment;
  }

  /** Notes a transmission at `now`, to be repeated after `rto`. */
  transmitted(segment: OutgoingSegment, now: number, rto: number): void {
    segment.stamp(now);
    segment.xmit++;
    this.oldest ??= segment;
    segment.rto = rto;
    const patience = this.congestion?.sent(segment) ?? 0;
    this.#schedule(segment, (now + rto + patience) | 0);
  }

  /** The peer's next packet is read, up to `countAcks`. */
  begin(): void {
    this.progress = false;
    this.#packet++;
  }

  /** Drops everything before `una`, as far as it is in flight. Returns whether that was anything. */
  acknowledgeUpTo(una: number): boolean {
    const count = Math.min(serialDiff(una, this.una), this.inFlight);
    if (count < 1) return false;
    for (let i = 0; i < count; i++) {
      this.#settle(this.#at(this.una));
      this.una = (this.una + 1) | 0;
    }
    this.#unsent = latest(this.una, this.#unsent);
    this.memory.acknowledgedUpTo(this.una);
    return true;
  }

  /**
   * An ack for `sn`, sent at `ts`. Its segment is acknowledged, and stays in its place until una passes it. Returns whether it can be believed:
   * the segment was transmitted then, and no packet before has acknowledged it; or that is so of the newest that una tells of, which a copy of an
   * older one may have gone along with. A late or forged ack says nothing of the network.
   */
  acknowledge(sn: number, ts: number): boolean {
    if (serialDiff(sn, this.una) >= 0 && serialDiff(sn, this.#unsent) < 0) {
      this.#settle(this.#at(sn));
      this.#overtaking.push({ sn, ts });
    }
    return this.#isProven(sn, ts) || this.#isProven(this.una - 1, ts);
  }

  /** Whether the segment was transmitted at `ts`, and is acknowledged by the packet that is read. */
  #isProven(sn: number, ts: number): boolean {
    const segment: OutgoingSegment | undefined = this.#at(sn);
    if (segment?.acked !== this.#packet || segment.xmit === 0) return false;
    const isProven = segment.ts === ts || segment.earlier.includes(ts);
    if (isProven) this.congestion?.proven(segment, ts);
    return isProven;
  }

  /**
   * The packet is read. Against every unacknowledged segment an ack counts that names a later one, if the segment was on its way by then; half,
   * in a thin stream, if it was sent again since. Returns whether one of them has now been counted `threshold` times. One pass, however
   * many acks there are: none counts beyond what is enough. (kcp-go kcp.go, parse_fastack; ikcp.c, ikcp_parse_fastack.)
   */
  countAcks(threshold: number): boolean {
    if (this.una === this.end && this.#ring.length > RING_MIN * 32) this.#ring = keepSpare(spareRings, this.#ring);
    const acks = this.#overtaking;
    // Most packets have none, and to set a length, as below, takes long.
    if (acks.length < 1) return false;
    acks.sort(bySn).reverse();
    const enough = (threshold || 1) * ACK;
    let reached = false;
    // Acks that were too old for a segment. Anyone can forge those, and have all be looked at for each segment: that is enough.
    let vain = 0;
    for (let segment = this.oldest; segment && bySn(acks[0] as Ack, segment) > 0; segment = this.after(segment)) {
      if (segment.skips === FAST_RESENT) continue;
      for (const { sn, ts } of acks) {
        if (serialDiff(sn, segment.sn) <= 0 || vain > 100_000) break;
        const isOld = serialDiff(segment.ts, ts) > 0;
        if (isOld && ++vain && (segment.xmit > OLD_ACKS_UP_TO || this.inFlight > THIN_MAX)) continue;
        segment.skips += isOld ? OLD_ACK : ACK;
        reached ||= segment.skips >= threshold * ACK;
        if (segment.skips >= enough) break;
      }
      if (segment.skips < ACK || segment.suspect) continue;
      segment.suspect = true;
      this.#suspects.push(segment);
    }
    acks.length = 0;
    return reached;
  }

  /**
   * Takes the suspects counted at least `threshold` times, or all of them, out of the timers and puts them on `due`;
   * `transmitted` puts them back. Returns how many of them had reached the threshold.
   */
  takeSuspects(threshold: number, all: boolean, due: OutgoingSegment[]): number {
    let kept = 0;
    let fast = 0;
    for (const segment of this.#suspects) {
      const isOpen = segment.acked === 0 && segment.skips >= ACK;
      const isFast = isOpen && segment.skips >= threshold * ACK;
      if (isOpen && !isFast && !all) {
        this.#suspects[kept++] = segment;
        continue;
      }
      segment.suspect = false;
      if (!isOpen) continue;
      if (isFast) fast++;
      segment.skips = segment.xmit < FAST_RESENDS_MAX ? 0 : FAST_RESENT;
      this.#timers.remove(segment);
      due.push(segment);
    }
    this.#suspects.length = kept;
    return fast;
  }

  /** The timeout of `segment` ends at `due`, if that is earlier than it would. */
  hasten(segment: OutgoingSegment, due: number): void {
    if (serialDiff(due, segment.due) < 0) this.#schedule(segment, due);
  }

  #schedule(segment: OutgoingSegment, due: number): void {
    this.#timers.remove(segment);
    segment.due = due;
    this.#timers.add(segment);
  }

  #at(sn: number): OutgoingSegment {
    return this.#ring[sn & (this.#ring.length - 1)] as OutgoingSegment;
  }

  #grow(): void {
    const spare = this.#ring.length > 0 ? undefined : spareRings.pop();
    if (spare) {
      this.#ring = spare;
      return;
    }
    const larger: Ring<OutgoingSegment> = new Array(this.#ring.length * 2 || RING_MIN);
    for (let sn = this.una; sn !== this.end; sn = (sn + 1) | 0) larger[sn & (larger.length - 1)] = this.#at(sn);
    this.#ring = larger;
  }

  /** The segment needs no retransmission any more, if it did: out of the timers, payload let go. */
  #settle(segment: OutgoingSegment): void {
    if (segment.acked > 0) return;
    segment.acked = this.#packet;
    if (segment.xmit === 0) {
      // Only a peer that makes things up acknowledges what was never sent.
      this.unsentBytes -= segment.packet.length - SEGMENT_HEADER;
    } else {
      this.progress = true;
      this.confirmed = latest(segment.una, this.confirmed);
      this.#timers.remove(segment);
      if (segment === this.oldest) this.oldest = this.after(segment);
      this.congestion?.settled(segment);
    }
    segment.packet = NOTHING;
  }
}
