// How adapters send, receive and check a session.

import type { Subscription } from 'rxjs';
import { isFunction } from '../check.ts';
import { InvalidMessageError, MessageTooLargeError, OptionError, SendQueueFullError } from '../errors.ts';
import type { ByteConversation } from '../session/conversation.ts';
import type { SessionEnd } from '../session/end.ts';

/** @throws OptionError if `session` is not a session, or is in stream mode, which has no message boundaries. */
export function requireMessages(session: ByteConversation): void {
  const { send, messageMax } = (session ?? {}) as Partial<ByteConversation>;
  if (!isFunction(send)) throw new OptionError('session', session, 'a session');
  if (messageMax === Infinity)
    throw new OptionError('stream', true, 'false, because a stream of bytes has no message boundaries');
}

/** @throws InvalidMessageError if a message of `length` bytes is empty, MessageTooLargeError if it is too large for `session`. */
export function requireLength(session: Pick<ByteConversation, 'messageMax'>, length: number): void {
  if (length === 0) throw new InvalidMessageError(new Uint8Array(0));
  if (length > session.messageMax) throw new MessageTooLargeError(length, session.messageMax);
}

/**
 * Sends one message without waiting. If the send queue is full, the session fails, because a message would otherwise be lost without a
 * report. After the end of the session, this does nothing.
 *
 * @throws InvalidMessageError, MessageTooLargeError
 */
export function post(session: ByteConversation, message: Uint8Array): void {
  if (!(message instanceof Uint8Array)) throw new InvalidMessageError(message);
  requireLength(session, message.length);
  session.send(message).catch((error) => {
    if (error instanceof SendQueueFullError) session.error(error);
  });
}

/** Reads `session`. Calls `ended` when the session has ended and every message was delivered. */
export function readToEnd(
  session: ByteConversation,
  next: (message: Uint8Array) => void,
  ended: (end: SessionEnd) => unknown,
): Subscription {
  const conclude = (): void => {
    session.closed$.subscribe(ended);
  };
  return session.subscribe({ next, error: conclude, complete: conclude });
}
