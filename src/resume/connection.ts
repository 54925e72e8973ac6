// What carries a resumable session for a while: a session, or anything else that carries messages in order.

import type { Observable, Observer, Unsubscribable } from 'rxjs';
import type { Session } from '../session/session.ts';

/**
 * A connection: reliable, ordered, and with message boundaries. A session is one, and so is every object that is an Observable of the
 * messages that arrive and an Observer of those to send.
 */
export interface ResumeConnection {
  /** Delivers messages, which are lent for the call; ends when the connection does. */
  subscribe(observer: Observer<Uint8Array>): Unsubscribable;
  /** Sends a message. */
  next(message: Uint8Array): void;
  /** Sends what is queued, and ends the connection. */
  complete(): void;
  /** Ends the connection at once. Without it, `complete` is called. */
  close?(): void;
  /** Emits once when the connection has ended; without it, it counts as ended with `complete`. */
  readonly closed$?: Observable<unknown>;
  /** Most bytes of a message. Default: no limit. */
  readonly messageMax?: number;
  /** Whether it is full: the value now, then each change. Frames wait until it is not. */
  readonly congested$?: Observable<boolean>;
  /** The peer's address, if it has one. */
  readonly remote?: Session['remote'];
}
