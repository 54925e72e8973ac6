// What is on its way, transmission by transmission, and how fast it arrives: the delivery rate of draft-cheng-iccrg-delivery-rate-estimation.
//
// A rate is measured over what was acknowledged between two acknowledgements: the one before the newest acknowledged segment left, and this
// one. It counts over the longer of two times, in which that left and in which it arrived, so that a burst of acknowledgments
// is not taken for a rate.

import type { PacedSegment } from './congestion-control.ts';

const RING_MIN = 32;

/** One transmission of a segment. */
class Flight {
  sn = 0;
  bytes = 0;
  /** When it left: as its timestamp says, and precisely, ms. */
  ts = 0;
  sentAt = 0;
  /** Bytes acknowledged when it left, when the last of them were, and when the one had left that they are counted from. */
  delivered = 0;
  deliveredAt = 0;
  firstSentAt = 0;
  isAppLimited = false;
  /** When the next transmission of any segment left. */
  nextSentAt = Infinity;
  /** The transmission of the same segment before this one. */
  earlier: Flight | undefined;
}

/** What the acknowledgements of one packet tell. */
export interface Sample {
  readonly bytes: number;
  readonly rtt: number | undefined;
  readonly held: number;
  readonly rate: number | undefined;
  readonly isAppLimited: boolean;
  readonly isRoundOver: boolean;
}

export class Flights {
  /** Bytes sent, and neither acknowledged nor lost. */
  inFlight = 0;
  /** When the newest of what surely arrived had left, ms. */
  newestSentAt = -Infinity;
  /** Bytes acknowledged in all. */
  delivered = 0;
  #ring: (Flight | undefined)[] = new Array(RING_MIN);
  /** When something was acknowledged last, ms. */
  deliveredAt = 0;
  #firstSentAt = 0;
  /** Bytes of which the last will have been acknowledged when the application's pause is over. */
  #appLimitedUntil = 0;
  /** Bytes acknowledged when the round trip that is under way began. */
  #roundEnd = 0;
  /** Of the packet that is read: bytes, and the newest transmission that surely arrived. */
  #bytes = 0;
  #newest: Flight | undefined;
  /** What left last. */
  #last: Flight | undefined;
  #isRoundOver = false;

  /** `segment` leaves at `now`, one of `span` that follow each other. Returns when it left before; undefined if it never did. */
  sent(segment: PacedSegment, now: number, span: number): number | undefined {
    if (span > this.#ring.length) this.#grow(span);
    const place = segment.sn & (this.#ring.length - 1);
    const before = this.#ring[place];
    const isAgain = segment.xmit > 1 && before?.sn === segment.sn;
    // The record of a segment that is done serves for another one, unless it is the newest of a packet being read.
    const flight = isAgain || !before || before === this.#newest ? new Flight() : before;
    this.#ring[place] = flight;
    flight.earlier = isAgain ? before : undefined;
    flight.sn = segment.sn;
    flight.bytes = segment.packet.length;
    flight.ts = segment.ts;
    flight.sentAt = now;
    flight.nextSentAt = Infinity;
    if (this.#last) this.#last.nextSentAt = now;
    this.#last = flight;
    if (this.inFlight === 0) this.#firstSentAt = this.deliveredAt = now;
    flight.delivered = this.delivered;
    flight.deliveredAt = this.deliveredAt;
    flight.firstSentAt = this.#firstSentAt;
    flight.isAppLimited = this.#appLimitedUntil > this.delivered;
    // Of one that was lost nothing is on its way any more.
    if (!isAgain) this.inFlight += flight.bytes;
    return isAgain ? before.sentAt : undefined;
  }

  /** `segment` is acknowledged by the packet that is read. */
  settled({ sn, ts }: PacedSegment): void {
    const flight = this.#at(sn);
    if (!flight) return;
    this.inFlight -= flight.bytes;
    this.delivered += flight.bytes;
    this.#bytes += flight.bytes;
    // Of one that left several times it is not certain which transmission arrived.
    if (!flight.earlier && flight.ts === ts) this.#arrived(flight);
  }

  /** The packet that is read acknowledges what left with `ts`. Returns the bytes that were retransmitted needlessly. */
  proven({ sn }: PacedSegment, ts: number): number {
    const last = this.#at(sn);
    let flight = last;
    while (flight && flight.ts !== ts) flight = flight.earlier;
    if (!flight || !last?.earlier) return 0;
    this.#arrived(flight);
    // Known once is enough.
    last.earlier = undefined;
    return flight === last ? 0 : flight.bytes;
  }

  /** The packet that came at `now` is read. What had left before `resumedAt` is no measure. Returns what it tells; undefined if nothing was acknowledged. */
  sample(now: number, resumedAt = -Infinity): Sample | undefined {
    const bytes = this.#bytes;
    if (bytes === 0) return undefined;
    const newest = this.#newest && this.#newest.sentAt >= resumedAt ? this.#newest : undefined;
    const isRoundOver = this.#isRoundOver;
    this.#bytes = 0;
    this.#newest = undefined;
    this.#isRoundOver = false;
    this.deliveredAt = now;
    if (isRoundOver) this.#roundEnd = this.delivered;
    if (!newest) return { bytes, rtt: undefined, held: 0, rate: undefined, isAppLimited: false, isRoundOver };
    this.newestSentAt = Math.max(this.newestSentAt, newest.sentAt);
    this.#firstSentAt = newest.sentAt;
    const elapsed = Math.max(newest.sentAt - newest.firstSentAt, now - newest.deliveredAt);
    const rtt = now - newest.sentAt;
    // Less than a ms is no time to measure over.
    const rate = elapsed >= 1 ? ((this.delivered - newest.delivered) / elapsed) * 1000 : undefined;
    // Had the peer waited longer with its answer, it would have had the next one to acknowledge, too.
    const held = Math.min(newest.nextSentAt, now) - newest.sentAt;
    return { bytes, rtt, held, rate, isAppLimited: newest.isAppLimited, isRoundOver };
  }

  /** The application, or a window that is none of congestion, lets less leave than might. */
  pause(): void {
    this.#appLimitedUntil = this.delivered + this.inFlight || 1;
  }

  #arrived(flight: Flight): void {
    if (!this.#newest || flight.sentAt >= this.#newest.sentAt) this.#newest = flight;
    if (flight.delivered >= this.#roundEnd) this.#isRoundOver = true;
  }

  /** When the last transmission of a segment left, ms; undefined if none did. */
  sentAt(sn: number): number | undefined {
    return this.#at(sn)?.sentAt;
  }

  #at(sn: number): Flight | undefined {
    const flight = this.#ring[sn & (this.#ring.length - 1)];
    return flight?.sn === sn ? flight : undefined;
  }

  #grow(count: number): void {
    let { length } = this.#ring;
    while (length < count) length *= 2;
    const larger: (Flight | undefined)[] = new Array(length);
    for (const flight of this.#ring) if (flight) larger[flight.sn & (length - 1)] = flight;
    this.#ring = larger;
  }
}
