// The congestion window (kcp-go kcp.go, Input and flush phase 6): Reno-like, counted in segments and, in
// `incr`, in bytes. Off when nc = 1, which all of kcptun's modes set.

/** ssthresh at first, and its floor, in segments (IKCP_THRESH_INIT, IKCP_THRESH_MIN). */
export const SSTHRESH_MIN = 2;

export class CongestionWindow {
  /** Segments that may be in flight. One from the start: the reference reaches that in its first flush. */
  cwnd = 1;
  ssthresh = SSTHRESH_MIN;
  /** The window in bytes, which grows by fractions of a segment. */
  incr: number;

  constructor(mss: number) {
    this.incr = mss;
  }

  /** A packet moved snd_una on. Slow start below ssthresh, then about one segment a round trip. */
  acknowledged(remoteWindow: number, mss: number): void {
    if (this.cwnd >= remoteWindow) return;
    if (this.cwnd < this.ssthresh) {
      this.cwnd++;
      this.incr += mss;
    } else {
      const incr = Math.max(this.incr, mss);
      this.incr = incr + Math.floor((mss * mss) / incr) + (mss >> 4);
      if ((this.cwnd + 1) * mss <= this.incr) this.cwnd = Math.ceil(this.incr / mss);
    }
    if (this.cwnd > remoteWindow) {
      this.cwnd = remoteWindow;
      this.incr = remoteWindow * mss;
    }
  }

  /** Fast or early retransmission: half of what is in flight, plus the segments known to have left (RFC 6937). */
  fastRetransmitted(inFlight: number, resend: number, mss: number): void {
    this.ssthresh = Math.max(inFlight >>> 1, SSTHRESH_MIN);
    // With fast resend off the reference adds 0xffffffff in 32 bits, which takes one away.
    this.cwnd = resend > 0 ? this.ssthresh + resend : this.ssthresh - 1;
    this.incr = this.cwnd * mss;
  }

  /** A timeout: back to one segment. `effectiveWindow` is the window the flush was made with. */
  timedOut(effectiveWindow: number, mss: number): void {
    this.ssthresh = Math.max(effectiveWindow >>> 1, SSTHRESH_MIN);
    this.cwnd = 1;
    this.incr = mss;
  }
}
