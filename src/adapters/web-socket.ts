// A session with the interface of a WebSocket.

import { type Observable, Subscription } from 'rxjs';
import { checkOptions, ensure, type OptionNames, requireObservable } from '../check.ts';
import type { ByteConversation } from '../session/conversation.ts';
import type { SessionEnd } from '../session/end.ts';
import type { Session } from '../session/session.ts';
import { post, readToEnd, requireLength, requireMessages } from './conversation.ts';
import { type Handler, HandlerTarget, PeerCloseEvent, PeerErrorEvent, PeerMessageEvent } from './events.ts';

/** A session, as far as {@link toWebSocket} uses it. */
export type SocketConversation = ByteConversation & Pick<Session, 'stats' | 'remote'>;

/** Options of {@link toWebSocket}. */
export interface SocketOptions {
  /**
   * The type of received messages; KCP does not distinguish them. `'text'`: strings; a message that is not UTF-8 ends the session.
   * `'binary'`: as `binaryType` says. Default `'binary'`.
   */
  messages?: 'binary' | 'text' | undefined;
}

const NAMES: OptionNames<SocketOptions> = { messages: true };
const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const encoder = new TextEncoder();
// Like a WebSocket, it keeps a byte order mark: it is part of the message.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Presents a session as a WHATWG `WebSocket`, for code that expects one.
 *
 * - Given an Observable of sessions, such as `connect(…)`, the socket subscribes at once, is `CONNECTING` until a session is emitted, and
 *   uses the first one. It closes any others, and unsubscribes when the session has ended. Given a session, the socket dispatches `open` in a
 *   microtask.
 * - `send` accepts a string, an ArrayBuffer, a view or a Blob. Each is one message of at least one byte. While connecting, it throws a
 *   DOMException (`InvalidStateError`). It throws `InvalidMessageError` and `MessageTooLargeError`, too. After `close()` it does nothing. If
 *   the send queue is full, the session fails with `SendQueueFullError`.
 * - `bufferedAmount` counts bytes that were never transmitted.
 * - `close()` sends the queued messages and waits until they are acknowledged. Its code and reason are checked and then discarded, because
 *   KCP carries neither.
 * - If the session fails, the socket dispatches `error`, a {@link PeerErrorEvent}, and then `close`, a {@link PeerCloseEvent} with code 1006.
 *   `close` always follows the last message.
 *
 * The peer must be a session, too: a WebSocket server does not understand it.
 *
 * @example
 * const socket = toWebSocket(connect({ port: 4000 }), { messages: 'text' });
 * socket.onopen = () => socket.send('hello');
 * socket.onmessage = ({ data }) => console.log(data);
 *
 * @param source a session of `connect` or `listen`, not in stream mode, or an Observable of one.
 * @param options see {@link SocketOptions}.
 * @throws OptionError naming the option that is wrong.
 */
export function toWebSocket(
  source: SocketConversation | Observable<SocketConversation>,
  options: SocketOptions = {},
): SessionSocket {
  return new SessionSocket(source, options);
}

/** The result of {@link toWebSocket}. */
export class SessionSocket extends HandlerTarget {
  /** Waiting for a session. */
  static readonly CONNECTING = CONNECTING;
  /** Ready to send. */
  static readonly OPEN = OPEN;
  /** `close()` was called, or the session has ended and the event follows. */
  static readonly CLOSING = CLOSING;
  /** The session has ended. */
  static readonly CLOSED = CLOSED;
  /** The static constant, as in a WebSocket. */
  readonly CONNECTING = CONNECTING;
  /** The static constant, as in a WebSocket. */
  readonly OPEN = OPEN;
  /** The static constant, as in a WebSocket. */
  readonly CLOSING = CLOSING;
  /** The static constant, as in a WebSocket. */
  readonly CLOSED = CLOSED;
  /** Empty. */
  readonly extensions = '';
  /** Empty. */
  readonly protocol = '';
  readonly #isText: boolean;
  readonly #dialling = new Subscription();
  #session: SocketConversation | undefined;
  #readyState: 0 | 1 | 2 | 3 = CONNECTING;
  #binaryType: 'blob' | 'arraybuffer' = 'blob';
  /** Resolves when all Blobs given to `send` were read; undefined if none is being read. */
  #blobs: Promise<void> | undefined;
  /** Bytes of messages that wait for a Blob to be read. */
  #waiting = 0;

  /** @throws OptionError */
  constructor(source: SocketConversation | Observable<SocketConversation>, options: SocketOptions = {}) {
    super();
    checkOptions(options, NAMES);
    const { messages = 'binary' } = options;
    ensure('messages', messages, messages === 'binary' || messages === 'text', "'binary' or 'text'");
    this.#isText = messages === 'text';
    if (isSession(source)) {
      requireMessages(source);
      queueMicrotask(() => this.#opened(source));
    } else {
      requireObservable('session', source);
      this.#dial(source);
    }
  }

  /** `CONNECTING`, `OPEN`, `CLOSING` or `CLOSED`. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /** `kcp://host:port` of the peer. Empty while connecting, or if the link has no addresses. */
  get url(): string {
    const remote = this.#session?.remote;
    if (!remote) return '';
    const { address, port } = remote;
    return `kcp://${address.includes(':') ? `[${address}]` : address}:${port}`;
  }

  /** Bytes given to `send` that were never transmitted. */
  get bufferedAmount(): number {
    return this.#waiting + (this.#session?.stats().queuedBytes ?? 0);
  }

  /** The type of binary messages: `'blob'` (default) or `'arraybuffer'`. Other values are ignored. */
  get binaryType(): 'blob' | 'arraybuffer' {
    return this.#binaryType;
  }

  /** Sets the type of later messages. */
  set binaryType(type: 'blob' | 'arraybuffer') {
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type;
  }

  /** Called once, when the socket is ready to send. */
  get onopen(): Handler<Event> {
    return this.handlerOf('open');
  }

  /** Replaces the handler; null removes it. */
  set onopen(handler: Handler<Event>) {
    this.setHandler('open', handler);
  }

  /** Called per message. */
  get onmessage(): Handler<PeerMessageEvent> {
    return this.handlerOf('message');
  }

  /** Replaces the handler; null removes it. */
  set onmessage(handler: Handler<PeerMessageEvent>) {
    this.setHandler('message', handler);
  }

  /** Called if the session fails. */
  get onerror(): Handler<PeerErrorEvent> {
    return this.handlerOf('error');
  }

  /** Replaces the handler; null removes it. */
  set onerror(handler: Handler<PeerErrorEvent>) {
    this.setHandler('error', handler);
  }

  /** Called once, when the session has ended. */
  get onclose(): Handler<PeerCloseEvent> {
    return this.handlerOf('close');
  }

  /** Replaces the handler; null removes it. */
  set onclose(handler: Handler<PeerCloseEvent>) {
    this.setHandler('close', handler);
  }

  /** Sends one message. The bytes are copied. A Blob is read first; later messages wait for it. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.#readyState === CONNECTING) throw new DOMException('there is no session yet', 'InvalidStateError');
    if (this.#readyState !== OPEN) return;
    const given = data instanceof Blob ? data : bytesOf(data);
    requireLength(this.#session as SocketConversation, sizeOf(given));
    if (given instanceof Blob) this.#postInTurn(given);
    else if (this.#blobs === undefined) this.#post(given);
    else this.#postInTurn(given.slice());
  }

  /**
   * Sends the queued messages, waits until they are acknowledged, and ends the session. While connecting, it stops connecting.
   *
   * @throws DOMException, like a WebSocket, if `code` is neither 1000 nor 3000 … 4999, or if `reason` has more than 123 bytes.
   */
  close(code = 1000, reason = ''): void {
    if (code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`code must be 1000, or from 3000 to 4999, got ${code}`, 'InvalidAccessError');
    }
    if (encoder.encode(reason).length > 123) throw new DOMException('reason has more than 123 bytes', 'SyntaxError');
    if (this.#readyState >= CLOSING) return;
    const session = this.#session;
    this.#readyState = CLOSING;
    if (session === undefined) this.#failed(new DOMException('closed before it was open', 'AbortError'));
    else if (this.#blobs === undefined) session.complete();
    else this.#blobs.then(() => session.complete());
  }

  #dial(sessions: Observable<SocketConversation>): void {
    let isTaken = false;
    const failed = (error: unknown): void => {
      // If there is a session, its own end is reported.
      if (!isTaken) this.#failed(error);
    };
    this.#dialling.add(
      sessions.subscribe({
        next: (session) => {
          if (isTaken) {
            session.close();
            return;
          }
          isTaken = true;
          try {
            requireMessages(session);
          } catch (error) {
            queueMicrotask(() => this.#failed(error));
            return;
          }
          // Later than the constructor, so that the caller can add listeners first.
          queueMicrotask(() => this.#opened(session));
        },
        error: (error) => queueMicrotask(() => failed(error)),
        complete: () => queueMicrotask(() => failed(new DOMException('there was no session', 'AbortError'))),
      }),
    );
  }

  #opened(session: SocketConversation): void {
    if (this.#readyState !== CONNECTING) {
      session.close();
      return;
    }
    this.#session = session;
    this.#readyState = OPEN;
    this.dispatchEvent(new Event('open'));
    readToEnd(
      session,
      (message) => this.#received(message),
      (end) => this.#ended(end),
    );
  }

  #received(message: Uint8Array): void {
    let data: unknown;
    try {
      if (this.#isText) data = decoder.decode(message);
      else data = this.#binaryType === 'blob' ? new Blob([message as Uint8Array<ArrayBuffer>]) : message.buffer;
    } catch (error) {
      this.#session?.error(error);
      return;
    }
    this.dispatchEvent(new PeerMessageEvent(data));
  }

  /** Later than the call that has caused the end, as in a WebSocket. */
  #ended(end: SessionEnd): void {
    this.#dialling.unsubscribe();
    if (this.#readyState < CLOSING) this.#readyState = CLOSING;
    queueMicrotask(() => {
      if (this.#readyState === CLOSED) return;
      this.#readyState = CLOSED;
      if (end.reason === 'failed') this.dispatchEvent(new PeerErrorEvent('error', end.error));
      this.dispatchEvent(new PeerCloseEvent(end));
    });
  }

  /** No session will come. */
  #failed(error: unknown): void {
    this.#ended({ reason: 'failed', error });
  }

  #post(bytes: Uint8Array): void {
    post(this.#session as SocketConversation, bytes);
  }

  #postInTurn(data: Uint8Array | Blob): void {
    const size = sizeOf(data);
    this.#waiting += size;
    const turn = (this.#blobs ?? Promise.resolve())
      .then(async () => this.#post(data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data))
      .catch((error) => this.#session?.error(error))
      .then(() => {
        this.#waiting -= size;
        if (this.#blobs === turn) this.#blobs = undefined;
      });
    this.#blobs = turn;
  }
}

function isSession(source: unknown): source is SocketConversation {
  return typeof source === 'object' && source !== null && 'closed$' in source;
}

function sizeOf(data: Uint8Array | Blob): number {
  return data instanceof Blob ? data.size : data.length;
}

/** The bytes of `data`, not copied. Like a WebSocket, it converts other values to a string. */
function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : encoder.encode(String(data));
}
