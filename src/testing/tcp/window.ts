// The congestion window of a TCP twin. Windows count packets, times are in ms.

/** What a congestion-control algorithm of TCP decides. */
export interface CongestionWindow {
  /** Packets that may be in flight; may have fractions. */
  readonly packets: number;
  /** New acknowledgments arrived, of packets that were sent after the last cut of the window. */
  acknowledged(packets: number, now: number, srtt: number): void;
  /** A packet was lost that was sent after the last cut. */
  lost(inFlight: number): void;
  /** The retransmission timeout has expired. */
  timedOut(inFlight: number): void;
}

/** Initial window (RFC 6928). */
export const INITIAL_WINDOW = 10;
/** Smallest window after a loss (RFC 5681, equation 4). */
export const MIN_WINDOW = 2;
