// Round-trip time and retransmission timeout (kcp-go kcp.go, update_ack; after RFC 6298).
//
// The gains of 1/8 and 1/4 are meant for one sample a round trip. A bulk transfer has dozens: the estimate would remember no more than
// the last few of them, take their likeness for a steady network, and call every pause of a receiver a loss. So each sample counts for
// as much less as there are more of them in a round trip (RFC 7323, section 4.2 and appendix G).

import { serialDiff } from './serial.ts';

/** RTO before the first sample, ms (IKCP_RTO_DEF). */
export const RTO_DEFAULT = 200;
/** Smallest RTO without nodelay, ms (IKCP_RTO_MIN). */
export const RTO_MIN = 100;
/** Smallest RTO with nodelay, ms (IKCP_RTO_NDL). */
export const RTO_MIN_NODELAY = 30;
/** Largest RTO, ms (IKCP_RTO_MAX). */
export const RTO_MAX = 60_000;

/** Half the samples of a round trip below which each has its own gain, as in kcp-go: a thin stream. */
const FEW = 4;

/** Smoothed RTT, its variance and the timeout they give, in ms. With less than eight samples per round trip: kcp-go's, to the integer. */
export class RttEstimator {
  rto = RTO_DEFAULT;
  minRto = RTO_MIN;
  #mean = 0;
  #deviation = 0;
  /** Samples in all, in this round trip, and in the one before. */
  #samples = 0;
  #samplesNow = 0;
  #samplesBefore = 0;
  /** When this round trip began. */
  #roundStart = 0;
  #sampledAt: number | undefined;

  /** Whether any round trip was measured: one of less than a millisecond leaves `srtt` at 0. */
  get isSampled(): boolean {
    return this.#samples > 0;
  }

  /** Smoothed round-trip time, whole ms. */
  get srtt(): number {
    return Math.floor(this.#mean);
  }

  /** Smoothed mean deviation from it, whole ms. */
  get rttvar(): number {
    return Math.floor(this.#deviation);
  }

  /**
   * Takes one sample, at `now`. `interval` is the flush interval: a peer may hold an ack back that long. Of samples of the same ms the
   * first counts, which has waited longest: what comes all at once after a pause tells no more of the network than that.
   */
  sample(measured: number, interval: number, now: number): void {
    if (now === this.#sampledAt) return;
    // No timeout is longer, and what claims to be may be a forged ack.
    const rtt = Math.min(measured, RTO_MAX);
    this.#sampledAt = now;
    const sharers = this.#sharers(rtt, now);
    // kcp-go calculates in integers: if a sample has its own gain, so does rxkcp.
    const settled = (value: number): number => (sharers === 1 ? Math.floor(value) : value);
    if (this.srtt === 0) {
      this.#mean = rtt;
      this.#deviation = rtt >> 1;
    } else {
      const delta = rtt - this.#mean;
      this.#mean = settled(this.#mean + delta / (8 * sharers));
      // A sample below the expected range says little about the variance: an eighth of the usual weight.
      const weight = rtt < this.#mean - this.#deviation ? 32 : 4;
      this.#deviation = settled(this.#deviation + (Math.abs(delta) - this.#deviation) / (weight * sharers));
    }
    const rto = this.srtt + Math.max(interval, Math.floor(4 * this.#deviation));
    this.rto = Math.min(Math.max(this.minRto, rto), RTO_MAX);
  }

  /**
   * How many samples share a gain: half of what a round trip has of them, the last whole one or, if that is more, this. (All would be the
   * RFC's number; with half of them, a lost retransmission is found sooner, and as little is sent needlessly.) The first ones have the gains of a running
   * mean: what is known before them is a guess.
   */
  #sharers(rtt: number, now: number): number {
    const elapsed = serialDiff(now, this.#roundStart);
    // Not the estimate alone: one that is far too long would keep itself up. (Below 0: since then half of the clock's range has gone by.)
    // Before the first sample the estimate is 0, and a round begins.
    if (elapsed < 0 || elapsed >= Math.min(rtt, this.srtt)) {
      this.#samplesBefore = this.#samplesNow;
      this.#samplesNow = 0;
      this.#roundStart = now;
    }
    this.#samplesNow++;
    this.#samples++;
    const half = Math.max(this.#samplesNow, this.#samplesBefore) >> 1;
    return half < FEW ? 1 : Math.min(half, 1 + Math.floor(this.#samples / 8));
  }
}
