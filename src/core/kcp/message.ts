// What is handed over to be sent.

import { InvalidMessageError, MessageTooLargeError } from '../../errors.ts';

/** The bytes of one message, in one piece or in several that follow each other; of the pieces some may be empty. */
export type Message = Uint8Array | readonly Uint8Array[];

/** Bytes of a message. */
export function lengthOf(message: Message): number {
  return message instanceof Uint8Array ? message.length : message.reduce((total, { length }) => total + length, 0);
}

/**
 * Returns `given` with the pieces it has now: an array may have getters, or be a Proxy.
 *
 * @throws InvalidMessageError, MessageTooLargeError
 */
export function checkMessage(given: unknown, limit: number): Message {
  const message = Array.isArray(given) ? [...given] : given;
  const length = isMessage(message) ? lengthOf(message) : 0;
  if (length === 0) throw new InvalidMessageError(message);
  if (length > limit) throw new MessageTooLargeError(length, limit);
  return message as Message;
}

function isMessage(value: unknown): value is Message {
  return value instanceof Uint8Array || (Array.isArray(value) && value.every((part) => part instanceof Uint8Array));
}
