// KCP's own congestion window (kcp-go kcp.go, Input and flush phase 6): Reno-like, counted in segments and, in `incr`, in bytes.
// On with nc = 0; all of kcptun's modes have nc = 1.

import { SEGMENT_HEADER } from '../kcp/segment.ts';
import type { CongestionControl, Controlling, PacedQueue, PacedSettings } from './congestion-control.ts';

/** ssthresh at first, and its floor, in segments (IKCP_THRESH_INIT, IKCP_THRESH_MIN). */
const SSTHRESH_MIN = 2;

class KcpWindow implements CongestionControl {
  /** One from the start: kcp-go reaches that in its first flush. */
  cwnd = 1;
  ssthresh = SSTHRESH_MIN;
  readonly pacingRate = undefined;
  readonly nextAt = undefined;
  readonly timeouts = undefined;
  readonly #sending: PacedQueue;
  readonly #settings: PacedSettings;
  /** The window in bytes, which grows by fractions of a segment. */
  #incr: number;

  constructor(sending: PacedQueue, settings: PacedSettings) {
    this.#sending = sending;
    this.#settings = settings;
    this.#incr = this.#mss;
  }

  get #mss(): number {
    return this.#settings.mtu - SEGMENT_HEADER;
  }

  limit(): number {
    return this.cwnd;
  }

  at(): void {}

  sent(): number {
    return 0;
  }

  settled(): void {}

  proven(): void {}

  spares(): boolean {
    return false;
  }

  /** Slow start below ssthresh, then about one segment a round trip. */
  acknowledged(remoteWindow: number, moved: boolean): void {
    if (!moved || this.cwnd >= remoteWindow) return;
    const mss = this.#mss;
    if (this.cwnd < this.ssthresh) {
      this.cwnd++;
      this.#incr += mss;
    } else {
      const incr = Math.max(this.#incr, mss);
      this.#incr = incr + Math.floor((mss * mss) / incr) + (mss >> 4);
      if ((this.cwnd + 1) * mss <= this.#incr) this.cwnd = Math.ceil(this.#incr / mss);
    }
    if (this.cwnd > remoteWindow) {
      this.cwnd = remoteWindow;
      this.#incr = remoteWindow * mss;
    }
  }

  lost(acked: number, timedOut: number, window: number): void {
    if (acked > 0) {
      // Half of what is in flight, plus the segments known to have left (RFC 6937). With fast resend off, kcp-go adds 0xffffffff
      // in 32 bits, which takes one away.
      this.ssthresh = Math.max(this.#sending.inFlight >>> 1, SSTHRESH_MIN);
      this.#set(this.ssthresh + (this.#settings.resend || -1));
    }
    if (timedOut > 0) {
      this.ssthresh = Math.max(window >>> 1, SSTHRESH_MIN);
      this.#set(1);
    }
  }

  restart(): void {
    this.lost(0, 1, this.cwnd);
  }

  #set(cwnd: number): void {
    this.cwnd = cwnd;
    this.#incr = cwnd * this.#mss;
  }
}

/**
 * The congestion window of kcp-go (`nc` of 0): it grows until something is lost, halves then, and is one segment after a timeout. Under random
 * loss it hardly sends anything.
 *
 * @see kcp-go kcp.go, KCP.Input, KCP.flush.
 */
export const kcpWindow: Controlling = {
  control: (sending, settings) => new KcpWindow(sending, settings),
};
