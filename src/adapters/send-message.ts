// `send` that can be aborted. A function, not an option of `Session.send`: a page pays for it only if it uses it, and it is the same everywhere.

import { firstValueFrom, type Observable } from 'rxjs';
import { checkOptions, ensure, isFunction, type OptionNames } from '../check.ts';
import type { Message } from '../core/kcp/message.ts';
import { abortable, isAbortSignal } from '../rx/abortable.ts';

/** Options of {@link sendMessage}. */
export interface SendMessageOptions {
  /** Aborting it ends the wait. Default none. */
  signal?: AbortSignal | undefined;
}

const NAMES: OptionNames<SendMessageOptions> = { signal: true };

/**
 * Sends one message like `session.send(message)`, with a signal that ends the wait.
 *
 * If the signal is aborted before the call, nothing is sent. Later, the message is in the send queue and keeps its place there: aborting
 * ends the wait only, and the message is still sent in its turn. To stop sending, call `session.close()`.
 *
 * @example
 * await sendMessage(session, hello, { signal: AbortSignal.timeout(1000) });
 *
 * @param target a session, or a stream of `rxkcp/mux`.
 * @param message as of `send`: one message, in one piece or in several. It is copied within the call.
 * @param options see {@link SendMessageOptions}.
 * @returns resolves when the send window has accepted the message. Rejects with the reason of the signal, and as `target.send` rejects.
 * @throws OptionError if `target` or an option is invalid; `error.option` names it.
 */
export function sendMessage(
  target: {
    /** Sends when subscribed to. */
    send$(message: Message): Observable<void>;
  },
  message: Message,
  options: SendMessageOptions = {},
): Promise<void> {
  checkOptions(options, NAMES);
  const { send$ } = (target ?? {}) as Partial<typeof target>;
  ensure('target', target, isFunction(send$), 'a session or a stream of rxkcp/mux');
  const { signal } = options;
  ensure('signal', signal, signal === undefined || isAbortSignal(signal), 'an AbortSignal');
  return firstValueFrom(abortable(target.send$(message), signal));
}
