// The sending half of a TCP twin: it has data without end. Each transmission has its own number, so that acknowledgments are
// never ambiguous; lost data leaves as another transmission, as with QUIC (RFC 9002).

import type { CongestionWindow } from './window.ts';

/** Later acknowledgments that make a packet lost (RFC 6675, DupThresh). */
const LATER_ACKS = 3;
/** The least that a timeout is above the round-trip time, ms; as in Linux. */
const RTO_MARGIN = 200;
const RTO_INITIAL = 1000;
const RTO_MAX = 120_000;

export class TcpSender {
  readonly window: CongestionWindow;
  /** Packets sent, retransmissions included. */
  sent = 0;
  /** Packets that count as lost. */
  lost = 0;
  /** Smoothed round-trip time, ms; 0 before the first sample. */
  srtt = 0;
  #rttvar = 0;
  #backoff = 1;
  /** When each packet in flight was sent, by number, in order. */
  readonly #inFlight = new Map<number, number>();
  #largestAcked = -1;
  /** Losses up to this number belong to the last cut of the window. */
  #recoverUntil = -1;
  /** When the timeout counts from, ms. */
  #restartedAt = 0;

  constructor(window: CongestionWindow) {
    this.window = window;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** When the retransmission timeout expires, ms; undefined while nothing is in flight. */
  get timeoutAt(): number | undefined {
    return this.inFlight === 0 ? undefined : this.#restartedAt + this.#rto;
  }

  /** The number of a packet that may leave now, if one may. */
  next(now: number): number | undefined {
    if (this.inFlight >= Math.floor(this.window.packets)) return undefined;
    if (this.inFlight === 0) this.#restartedAt = now;
    this.#inFlight.set(this.sent, now);
    return this.sent++;
  }

  /** Takes in an acknowledgment of the packets with these numbers, some of which may have been acknowledged before. */
  acknowledged(numbers: Iterable<number>, now: number): void {
    const { inFlight } = this;
    let largest = -1;
    let growing = 0;
    let sentAt = 0;
    for (const number of numbers) {
      const at = this.#inFlight.get(number);
      if (at === undefined) continue;
      this.#inFlight.delete(number);
      if (number > this.#recoverUntil) growing++;
      if (number > largest) {
        largest = number;
        sentAt = at;
      }
    }
    if (largest < 0) return;
    this.#largestAcked = Math.max(this.#largestAcked, largest);
    this.#measure(now - sentAt);
    this.#backoff = 1;
    this.#restartedAt = now;
    if (!this.#detectLosses(inFlight) && growing > 0) this.window.acknowledged(growing, now, this.srtt);
  }

  /** The retransmission timeout has expired: everything in flight counts as lost (RFC 6298, 5.4 to 5.6). */
  timedOut(): void {
    const { inFlight } = this;
    this.lost += inFlight;
    this.#inFlight.clear();
    this.#recoverUntil = this.sent - 1;
    // Held while the timeouts follow each other (RFC 5681, 3.1, at equation 4).
    if (this.#backoff === 1) this.window.timedOut(inFlight);
    this.#backoff *= 2;
  }

  get #rto(): number {
    const rto = this.srtt === 0 ? RTO_INITIAL : this.srtt + Math.max(4 * this.#rttvar, RTO_MARGIN);
    return Math.min(rto * this.#backoff, RTO_MAX);
  }

  /** Returns whether the window was cut. */
  #detectLosses(inFlight: number): boolean {
    let isNew = false;
    for (const number of this.#inFlight.keys()) {
      if (number > this.#largestAcked - LATER_ACKS) break;
      this.#inFlight.delete(number);
      this.lost++;
      isNew ||= number > this.#recoverUntil;
    }
    if (!isNew) return false;
    this.#recoverUntil = this.sent - 1;
    this.window.lost(inFlight);
    return true;
  }

  /** RFC 6298, 2. */
  #measure(rtt: number): void {
    if (this.srtt === 0) {
      this.srtt = rtt;
      this.#rttvar = rtt / 2;
      return;
    }
    this.#rttvar += (Math.abs(this.srtt - rtt) - this.#rttvar) / 4;
    this.srtt += (rtt - this.srtt) / 8;
  }
}
