// What a smux session tells whoever drives it.

import type { StreamEnd } from './stream-end.ts';

/** Who drives the session. Calls come from within calls of the session, and may call back. */
export interface MuxOwner {
  /** The peer has opened a stream. */
  accepted(stream: StreamEnd): void;
  /** The session has ended: all streams are over. */
  ended(error: unknown): void;
}
