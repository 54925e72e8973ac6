// What a congestion controller is asked and told. A controller knows nothing of KCP: it is told what left, what arrived and what was
// lost, and answers with a window and a rate. (In the manner of quinn's; the samples of the delivery rate are those of
// draft-cheng-iccrg-delivery-rate-estimation.)

/** What is known of the network when a conversation begins. */
export interface ControllerStart {
  /** The time, ms, on the clock of all later calls. It is not the time of day. */
  readonly now: number;
  /** Bytes of the largest datagram. */
  readonly mtu: number;
}

/** A datagram's worth of data leaves. */
export interface Sent {
  /** The time, ms. */
  readonly now: number;
  /** Bytes of the segment, its header included. */
  readonly bytes: number;
  /** Bytes on their way, these included: sent, and neither acknowledged nor lost. */
  readonly inFlight: number;
}

/** What one packet of the peer's has acknowledged. */
export interface Acked {
  /** The time, ms. */
  readonly now: number;
  /** Bytes acknowledged by it. */
  readonly bytes: number;
  /** Bytes still on their way. */
  readonly inFlight: number;
  /** Round-trip time of the newest segment acknowledged, ms; undefined if it is not certain which transmission arrived. */
  readonly rtt: number | undefined;
  /** ms of that for which the peer may have held its answer back, at most: until then nothing else left that it would have told of. */
  readonly held: number;
  /**
   * Bytes per second that arrived lately, measured from the acknowledgement before the newest segment left until now; undefined if that
   * time is too short to tell.
   */
  readonly rate: number | undefined;
  /** Whether the application had less to send than the window and the rate allowed: then `rate` tells no more than what it sent. */
  readonly isAppLimited: boolean;
  /** Whether what was sent when the last round trip began is acknowledged by now. */
  readonly isRoundOver: boolean;
}

/** Segments are taken for lost, and sent again. */
export interface Lost {
  /** The time, ms. */
  readonly now: number;
  /** Bytes lost. */
  readonly bytes: number;
  /** Bytes on their way, those that are sent again included. */
  readonly inFlight: number;
  /** Whether a timeout told; else acknowledgements of what was sent later. */
  readonly isTimeout: boolean;
  /** When the newest of them had left, ms: losses of one event have left before the reaction to its first could show. */
  readonly sentAt: number;
}

/** A segment that was taken for lost had arrived: its first transmission is acknowledged. */
export interface Spurious {
  /** The time, ms. */
  readonly now: number;
  /** Bytes of it. */
  readonly bytes: number;
}

/**
 * Congestion control of one conversation: says how much may be on its way, and how fast it leaves. All calls come from the conversation, in
 * the order of time; they must not call back into it. What one of them throws ends the session with that error.
 */
export interface Controller {
  /** Bytes that may be on their way, segment headers included. Never taken for less than two datagrams. */
  readonly window: number;
  /** Bytes per second at which they leave; `Infinity`: at once. */
  readonly pacingRate: number;
  /** Bytes up to which the window grows fast, if there is such a limit. For `stats()` only. */
  readonly threshold?: number;
  /** @see Sent */
  onSent?(sent: Sent): void;
  /** @see Acked */
  onAcked(acked: Acked): void;
  /** @see Lost */
  onLost(lost: Lost): void;
  /** @see Spurious */
  onSpurious?(spurious: Spurious): void;
  /** Datagrams have so many bytes at most from here on. */
  onMtu?(mtu: number): void;
}

/** Makes the controller of a conversation that begins. */
export type ControllerFactory = (start: ControllerStart) => Controller;
