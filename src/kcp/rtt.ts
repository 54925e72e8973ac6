// Round-trip time and retransmission timeout (kcp-go kcp.go, update_ack; after RFC 6298).

/** RTO before the first sample, ms (IKCP_RTO_DEF). */
export const RTO_DEFAULT = 200;
/** Smallest RTO without nodelay, ms (IKCP_RTO_MIN). */
export const RTO_MIN = 100;
/** Smallest RTO with nodelay, ms (IKCP_RTO_NDL). */
export const RTO_MIN_NODELAY = 30;
/** Largest RTO, ms (IKCP_RTO_MAX). */
export const RTO_MAX = 60_000;

/** Smoothed RTT, its variance and the timeout they give; integers in ms, as on the reference. */
export class RttEstimator {
  srtt = 0;
  rttvar = 0;
  rto = RTO_DEFAULT;
  /** Whether any round trip was measured: one of less than a millisecond leaves `srtt` at 0. */
  isSampled = false;
  minRto = RTO_MIN;

  /** Takes one sample. `interval` is the flush interval: a peer may hold an ack back that long. */
  sample(rtt: number, interval: number): void {
    this.isSampled = true;
    if (this.srtt === 0) {
      this.srtt = rtt;
      this.rttvar = rtt >> 1;
    } else {
      const delta = rtt - this.srtt;
      this.srtt += delta >> 3;
      const deviation = Math.abs(delta) - this.rttvar;
      // A sample below the expected range says little about the variance: an eighth of the usual weight.
      this.rttvar += rtt < this.srtt - this.rttvar ? deviation >> 5 : deviation >> 2;
    }
    const rto = this.srtt + Math.max(interval, this.rttvar << 2);
    this.rto = Math.min(Math.max(this.minRto, rto), RTO_MAX);
  }
}
