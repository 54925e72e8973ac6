// Asking a peer whose window is closed whether it has opened again (kcp-go kcp.go, flush phase 2).

import { serialDiff } from './serial.ts';

/** First wait before a probe, ms (IKCP_PROBE_INIT). */
export const PROBE_INIT = 500;
/** Longest wait, ms (IKCP_PROBE_LIMIT). */
export const PROBE_LIMIT = 120_000;

export class WindowProbe {
  /** ms between probes; 0 while the peer's window is open. */
  wait = 0;
  /** When the next probe is due (int32 clock). */
  dueAt = 0;

  /** One flush at `now`. Returns whether a WASK is to be sent. */
  check(remoteWindow: number, now: number): boolean {
    if (remoteWindow > 0) {
      this.wait = 0;
      return false;
    }
    if (this.wait === 0) {
      this.wait = PROBE_INIT;
      this.dueAt = (now + this.wait) | 0;
      return false;
    }
    if (serialDiff(now, this.dueAt) < 0) return false;
    this.wait = Math.min(this.wait + (this.wait >>> 1), PROBE_LIMIT);
    this.dueAt = (now + this.wait) | 0;
    return true;
  }
}
