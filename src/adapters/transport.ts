// A session as functions.

import type { ByteConversation } from '../session/conversation.ts';
import { requireMessages } from './conversation.ts';

/** The result of {@link toTransport}. The functions may be used independently of the object. */
export interface MessageTransport {
  /** Sends one message. Resolves when the send window has accepted it; rejects as `Session.send` does. */
  readonly send: (message: Uint8Array) => Promise<void>;
  /**
   * Resolves with the next message, or with undefined after the last one. Rejects with the error that ended the session. Between calls,
   * messages wait in the receive window, which stops the peer when it is full.
   */
  readonly receive: () => Promise<Uint8Array | undefined>;
  /** Sends the queued messages, waits until they are acknowledged, and ends the session. Resolves when the session has ended. */
  readonly close: () => Promise<void>;
}

/**
 * Presents a session as three functions, for code that pulls messages and for RPC layers that expect such a transport.
 *
 * @example
 * const { send, receive } = toTransport(session);
 * await send(question);
 * const answer = await receive();
 *
 * @param session a session of `connect` or `listen`, not in stream mode.
 * @throws OptionError if it is anything else.
 */
export function toTransport(session: ByteConversation & AsyncIterable<Uint8Array>): MessageTransport {
  requireMessages(session);
  const messages = session[Symbol.asyncIterator]();
  return {
    send: (message) => session.send(message),
    receive: async () => {
      const { done, value } = await messages.next();
      return done ? undefined : value;
    },
    close: () => {
      session.complete();
      return new Promise((resolve) => {
        session.closed$.subscribe(() => resolve());
      });
    },
  };
}
