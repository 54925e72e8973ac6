// What the system says when a socket cannot be had, as an error of ours.

import { AddressInUseError, SocketError } from '../../errors.ts';

/** @param local what was to be bound, in words. */
export function socketFailure(error: Error, local: string): SocketError {
  const isTaken = (error as { code?: unknown }).code === 'EADDRINUSE';
  return isTaken ? new AddressInUseError(local, { cause: error }) : new SocketError(error.message, { cause: error });
}
