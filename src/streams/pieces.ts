// What streams read and send: bytes in pieces, or a message a chunk.

import type { Observer, Subscription } from 'rxjs';
import { checkOptions, type OptionNames, requireBoolean } from '../check.ts';
import type { ByteConversation } from '../session/conversation.ts';

/** How a session is seen as a stream. */
export interface StreamOptions {
  /**
   * Makes each chunk one message, and keeps message boundaries. Default false: a byte stream, written in pieces that any
   * peer accepts.
   */
  messages?: boolean | undefined;
}

const NAMES: OptionNames<StreamOptions> = { messages: true };

/**
 * Bytes of the largest piece: with the smallest windows in use (32 segments, on the C core) a reader gets it whole, and the
 * window stops whoever writes after a few of them.
 */
export const PIECE_MAX = 16 * 1024;

/** Whether chunks are messages. @throws OptionError */
export function chunksAreMessages(options: StreamOptions): boolean {
  checkOptions(options, NAMES);
  return options.messages === undefined ? false : requireBoolean('messages', options.messages);
}

/**
 * Reads `session`. If the peer or the network has ended it, a stream fails, whatever `peerLoss` says: its reader has to know that bytes may be
 * missing, or `pipeline` would take half a file for a whole one.
 */
export function readAll(session: ByteConversation, { next, error, complete }: Observer<Uint8Array>): Subscription {
  return session.subscribe({
    next,
    error,
    complete: () => {
      // If the session goes on, the peer has finished.
      if (!session.closed) complete();
      else session.closed$.subscribe((end) => (end.reason === 'failed' ? error(end.error) : complete()));
    },
  });
}

/** Sends `bytes` in pieces. Resolves when the send window has taken the last one; rejects as `Session.send`. */
export async function sendPieces(session: ByteConversation, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; ) {
    const end = offset + Math.min(PIECE_MAX, session.messageMax);
    await session.send(bytes.subarray(offset, end));
    offset = end;
  }
}
