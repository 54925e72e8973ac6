// How a session ends.

/**
 * How a session ended. The one place that always has the error: a session of `listen` completes its messages when its peer is lost.
 *
 * - `completed`: you called `complete()`, and the peer has acknowledged everything.
 * - `closed`: you called `close()`, or unsubscribed from what made the session.
 * - `peer`: the peer began a new conversation from the same address, or the link completed.
 * - `failed`: with `error`: a `DeadLinkError`, an `IdleTimeoutError`, a `SocketError`, what you passed to `error()`, what the
 *   cipher or the link has thrown, …
 */
export type SessionEnd =
  | { readonly reason: 'completed' | 'closed' | 'peer'; readonly error?: undefined }
  | { readonly reason: 'failed'; readonly error: unknown };
