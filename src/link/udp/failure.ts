// The system's error for a socket that cannot be opened, as a class of rxkcp.

import { AddressInUseError, SocketError } from '../../errors.ts';

/** @param local what was to be bound, in words. */
export function socketFailure(error: Error, local: string): SocketError {
  const isTaken = (error as { code?: unknown }).code === 'EADDRINUSE';
  return isTaken ? new AddressInUseError(local, { cause: error }) : new SocketError(error.message, { cause: error });
}
