// What says how much a control block may have in flight, and when more of it may leave. Without one, only the two windows do.

import type { RttEstimator } from '../kcp/rtt.ts';
import type { OutgoingSegment, SendBuffer } from '../kcp/send-buffer.ts';
import type { Tunables } from '../kcp/tunables.ts';

/** The congestion control of one conversation. */
export interface CongestionControl {
  /** The window, in segments. */
  readonly cwnd: number;
  /** Segments up to which it grows fast. */
  readonly ssthresh: number;
  /** Bytes per second at which it sends; undefined: as many as the window has. */
  readonly pacingRate: number | undefined;
  /** From when on the next segment may leave (int32 clock); undefined: at once, if the window has room. */
  readonly nextAt: number | undefined;
  /** Most segments that may be sent again in one flush because their timeouts have run out; undefined: as ever. */
  readonly timeouts: number | undefined;
  /** What follows happens at `now`, ms. */
  at(now: number): void;
  /** Segments from una on that may be sent by now. */
  limit(): number;
  /** `segment` leaves; if its `xmit` is above 1, again: then what left before is lost. */
  sent(segment: OutgoingSegment): void;
  /** `segment` is acknowledged by the packet that is read. */
  settled(segment: OutgoingSegment): void;
  /** … by an ack of what left with the timestamp `ts`. */
  proven(segment: OutgoingSegment, ts: number): void;
  /** A packet is read. @param moved whether it has moved una on. */
  acknowledged(remoteWindow: number, moved: boolean): void;
  /** A flush, made with an effective window of so many segments, has sent segments again: so many told by acks, so many by timeouts. */
  lost(acked: number, timedOut: number, window: number): void;
  /** The path is another: all that was learned is void. */
  restart(): void;
}

/** Makes the congestion control of each conversation that has it in its option `controller`. */
export interface Controlling {
  /** Makes that of the conversation which has these, at `now`, ms. Not to be called by users. @internal */
  control(sending: SendBuffer, rtt: RttEstimator, tunables: Readonly<Tunables>, now: number): CongestionControl;
}
