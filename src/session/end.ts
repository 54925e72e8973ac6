// How a session ends.

/** The session has ended without a failure. */
export interface OrderlyEnd {
  /**
   * - `completed`: you called `complete()`, and the peer has acknowledged everything.
   * - `closed`: you called `close()`, or unsubscribed from what made the session.
   * - `peer`: the peer began a new conversation from the same address, or the link completed.
   */
  readonly reason: 'completed' | 'closed' | 'peer';
  /** There is none. */
  readonly error?: undefined;
}

/** The session has failed. */
export interface FailedEnd {
  /** What tells it from an {@link OrderlyEnd}. */
  readonly reason: 'failed';
  /** A `DeadLinkError`, an `IdleTimeoutError`, a `PeerRestartedError`, a `SocketError`, what you passed to `error()`, what the cipher or the link threw, … */
  readonly error: unknown;
}

/** How a session ended. The one place that always has the error: a session of `listen` completes its messages when its peer is lost. */
export type SessionEnd = OrderlyEnd | FailedEnd;
