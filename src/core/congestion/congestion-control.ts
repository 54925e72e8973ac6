// What says how much a control block may have in flight, and when more of it may leave. Without one, only the two windows do.

/** A data segment, as far as congestion control looks at it. */
export interface PacedSegment {
  /** Its sequence number. */
  readonly sn: number;
  /** The timestamp with which it leaves. */
  readonly ts: number;
  /** How often it was sent, this time included. */
  readonly xmit: number;
  /** Header and payload. */
  readonly packet: {
    /** Bytes of both. */
    readonly length: number;
  };
}

/** What a conversation has to send, counted in segments. */
export interface PacedQueue {
  /** Admitted to the window: from una on. */
  readonly inFlight: number;
  /** Of those: never sent yet. */
  readonly unsent: number;
  /** Not admitted. */
  readonly queued: number;
  /** Bytes of payload that were never sent. */
  readonly unsentBytes: number;
}

/** The settings of it that matter here. */
export interface PacedSettings {
  /** Bytes of the largest packet. */
  readonly mtu: number;
  /** Fast acks that make a segment lost. */
  readonly resend: number;
  /** Segments in flight and queued before a writer has to wait. */
  sendWindow: number;
}

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
  /** Most segments that one flush may retransmit because of timeouts; undefined: the usual limit. */
  readonly timeouts: number | undefined;
  /** What follows happens at `now`, ms. */
  at(now: number): void;
  /** Segments from una on that may be sent by now. */
  limit(): number;
  /** `segment` leaves; if its `xmit` is above 1, again: then what left before is lost. Returns the ms for which its timeout is to wait in addition. */
  sent(segment: PacedSegment): number;
  /** `segment` is acknowledged by the packet that is read. */
  settled(segment: PacedSegment): void;
  /** … by an ack of what left with the timestamp `ts`. */
  proven(segment: PacedSegment, ts: number): void;
  /** Whether `segment`, which is not the oldest, is not taken for lost yet, although its timeout has run out. */
  spares(segment: PacedSegment): boolean;
  /** A packet is read. @param moved whether it has moved una on. */
  acknowledged(remoteWindow: number, moved: boolean): void;
  /** Ends each flush of data: made with an effective window of so many segments, has sent segments again: so many told by acks, so many by timeouts. */
  lost(acked: number, timedOut: number, window: number): void;
  /** The path is another: all that was learned is void. */
  restart(): void;
}

/** Makes the congestion control of each conversation that has it in its option `controller`. */
export interface Controlling {
  /** Makes that of the conversation which has these, at `now`, ms. Not to be called by users. @internal */
  control(sending: PacedQueue, settings: PacedSettings, now: number): CongestionControl;
  /** The same, which sets `sendWindow` by itself; undefined if it cannot. @internal */
  readonly withOwnWindow?: Controlling;
}
