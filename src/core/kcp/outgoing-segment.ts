// A data segment on its way out.

import type { Deadlined } from '../../time/deadline-heap.ts';

/** The packet of a segment that is acknowledged. */
export const NOTHING = new Uint8Array(0);
const NEVER: readonly number[] = [];

/** One PUSH segment on its way. Times are int32 clock readings in ms. */
export class OutgoingSegment implements Deadlined {
  sn = 0;
  /** When it was last transmitted. */
  ts = 0;
  /** When it was transmitted before that. */
  earlier: readonly number[] = NEVER;
  rto = 0;
  /** When it is to be retransmitted (kcp-go's resendts). */
  due = 0;
  place = -1;
  /** How often it was transmitted (kcp-go: xmit). */
  xmit = 0;
  /** What its first transmission said was received: whoever has the segment knows as much, or more. */
  una = 0;
  /** Acks seen for later segments since it was transmitted, in halves; −1 when they have had it retransmitted often enough. */
  skips = 0;
  /** Which packet has acknowledged it, counted from 1; 0: none has. */
  acked = 0;
  /** Whether it stands in the list of suspects. */
  suspect = false;
  /** The header, but for what is known only when it leaves, then the payload: on first transmission this very memory is the packet. */
  packet: Uint8Array = NOTHING;

  /** It leaves at `now`; for the first time if `xmit` is 0. */
  stamp(now: number): void {
    if (this.xmit > 0) this.earlier = [...this.earlier, this.ts];
    this.ts = now;
  }
}

/** Makes `segment` as good as new. False if there is none, or if the list of suspects still knows it. */
export function renew(segment: OutgoingSegment | undefined): segment is OutgoingSegment {
  if (!segment || segment.suspect) return false;
  segment.earlier = NEVER;
  segment.xmit = segment.skips = segment.acked = 0;
  return true;
}
