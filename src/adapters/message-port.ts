// A session with the interface of a MessagePort.

import { checkOptions, ensure, type OptionNames } from '../check.ts';
import type { ByteConversation } from '../session/conversation.ts';
import { jsonCodec, type MessageCodec, requireCodec } from './codec.ts';
import { post, readToEnd, requireMessages } from './conversation.ts';
import { type Handler, HandlerTarget, PeerCloseEvent, PeerErrorEvent, PeerMessageEvent } from './events.ts';

/** Options of {@link toMessagePort}. */
export interface PortOptions {
  /** Converts values to messages and back. Default `jsonCodec`. */
  codec?: MessageCodec | undefined;
}

const NAMES: OptionNames<PortOptions> = { codec: true };

/**
 * Presents a session as a `MessagePort`, for libraries that communicate over a port: Comlink's `wrap` and `expose`, for example.
 *
 * - `postMessage(value)` encodes the value with `codec` and sends one message. It throws the errors of the codec, and
 *   `MessageTooLargeError`. If the send queue is full, the session fails with `SendQueueFullError`. After the end of the session, it does
 *   nothing.
 * - The port reads nothing before `start()`; setting `onmessage` calls it. Until then, messages wait in the receive window.
 * - `messageerror` reports a message that the codec could not decode. The event is a {@link PeerErrorEvent}.
 * - `close` reports that the session has ended and that every message was delivered. A port that is not started reports neither. The event is
 *   a {@link PeerCloseEvent}. Comlink leaves calls without an answer pending then: reject them yourself.
 * - `close()` sends the queued messages, waits until they are acknowledged, and ends the session.
 * - Ports cannot be transferred, because a session carries bytes. `Comlink.proxy` therefore does not work. An `ArrayBuffer` in the
 *   transfer list is copied, and stays usable.
 *
 * @example
 * connect({ port: 4000 }).subscribe((session) => {
 *   const calculator = wrap<Calculator>(toMessagePort(session));
 * });
 *
 * @param session a session of `connect` or `listen`, not in stream mode.
 * @param options see {@link PortOptions}.
 * @throws OptionError naming the option that is wrong.
 */
export function toMessagePort(session: ByteConversation, options: PortOptions = {}): SessionPort {
  return new SessionPort(session, options);
}

/** The result of {@link toMessagePort}. */
export class SessionPort extends HandlerTarget {
  readonly #session: ByteConversation;
  readonly #codec: MessageCodec;
  #isStarted = false;

  /** @throws OptionError */
  constructor(session: ByteConversation, options: PortOptions = {}) {
    super();
    checkOptions(options, NAMES);
    requireMessages(session);
    this.#session = session;
    this.#codec = requireCodec(options.codec ?? jsonCodec);
  }

  /** Called per message. Setting it calls `start()`. */
  get onmessage(): Handler<PeerMessageEvent> {
    return this.handlerOf('message');
  }

  /** Replaces the handler; null removes it. */
  set onmessage(handler: Handler<PeerMessageEvent>) {
    this.setHandler('message', handler);
    this.start();
  }

  /** Called per message that could not be decoded. */
  get onmessageerror(): Handler<PeerErrorEvent> {
    return this.handlerOf('messageerror');
  }

  /** Replaces the handler; null removes it. */
  set onmessageerror(handler: Handler<PeerErrorEvent>) {
    this.setHandler('messageerror', handler);
  }

  /** Called once, when the session has ended. */
  get onclose(): Handler<PeerCloseEvent> {
    return this.handlerOf('close');
  }

  /** Replaces the handler; null removes it. */
  set onclose(handler: Handler<PeerCloseEvent>) {
    this.setHandler('close', handler);
  }

  /**
   * Sends a value.
   *
   * @param transfer ArrayBuffers in the value. They are copied.
   * @throws the errors of the codec, MessageTooLargeError, and OptionError if `transfer` contains anything except ArrayBuffers.
   */
  postMessage(value: unknown, transfer: readonly unknown[] | { readonly transfer?: readonly unknown[] } = []): void {
    // As in a MessagePort, null is an empty list, and a list may be any iterable.
    const given = Object(transfer ?? []) as Iterable<unknown> | { readonly transfer?: Iterable<unknown> };
    const list = Symbol.iterator in given ? given : (given.transfer ?? []);
    for (const one of list)
      ensure('transfer', one, one instanceof ArrayBuffer, 'a list of ArrayBuffers, because a session carries bytes');
    post(this.#session, this.#codec.encode(value));
  }

  /** Begins to read. A second call does nothing. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    readToEnd(
      this.#session,
      (message) => this.#received(message),
      (end) => this.dispatchEvent(new PeerCloseEvent(end)),
    );
  }

  /** Sends the queued messages, waits until they are acknowledged, and ends the session. */
  close(): void {
    this.#session.complete();
  }

  #received(message: Uint8Array): void {
    let event: Event;
    try {
      event = new PeerMessageEvent(this.#codec.decode(message));
    } catch (error) {
      event = new PeerErrorEvent('messageerror', error);
    }
    this.dispatchEvent(event);
  }
}
