// A session that survives its connections: an Observable of messages in, an Observer of messages out.

import { distinctUntilChanged, noop, type Observable, type Observer, Subscription, type TeardownLogic } from 'rxjs';
import { checkMessage, lengthOf, type Message } from '../core/kcp/message.ts';
import { FrameTooLargeError } from '../errors/framing.ts';
import type { SessionEnd } from '../session/end.ts';
import { Following } from '../session/following.ts';
import { MessageSource } from '../session/message-source.ts';
import { relayTo } from '../session/relay.ts';
import { observerOf, sent$ } from '../session/sending.ts';
import type { ResumeConnection } from './connection.ts';
import { Flow } from './flow.ts';
import { ResumeDriver, type SessionParts } from './resume-driver.ts';

/**
 * A session that survives its connections, with the shape of a `Session`.
 *
 * **Receiving.** Hot, in order, each message once, whatever becomes of connections. While there is no subscriber, or the session is paused,
 * messages wait here, up to `windowMessages` and `windowBytes`; then the peer stops. A message is acknowledged when its reader is done
 * with it: when the handler has returned, or when the next one is asked for (`for await`).
 *
 * **Sending.** `next` copies one message of 1 … `maxMessageSize` bytes. It is kept until the peer has acknowledged it, and sent again over the next
 * connection. What is not acknowledged has caps, `maxMessages` and `maxBytes`; beyond them the session fails with a `ResumeError` of the kind `cap`.
 * To avoid that, use `await send(bytes)`, `send$`, or `sendTo(session)`: they wait until the message is within the peer's window, which has
 * room without a connection, too.
 *
 * **Ending.** `complete()` sends what is queued, waits until the peer has acknowledged everything, and ends the session; `finish()` is the
 * half-close; `close()` ends it at once. `closed$` says how it ended: if it could not be continued, with a {@link ResumeError}.
 */
export class ResumableSession extends MessageSource implements Observer<Message> {
  /** Names the session at both ends, and in the store of the server; 32 hexadecimal digits. It is no secret. */
  readonly id: string;
  /** What the session does when the peer has finished. @internal */
  readonly following: Following;
  readonly #driver: ResumeDriver;
  #sources = new Subscription();

  /**
   * Made by `resumable` and `resumed`.
   *
   * @param parts `SessionParts`: said to be any object, so that what users compile against does not lead there.
   * @internal
   */
  constructor(id: string, parts: object) {
    const flow = new Flow();
    super(flow);
    const { end, host } = parts as SessionParts;
    this.id = id;
    this.#driver = new ResumeDriver(end, host, flow, this);
    this.following = new Following(host.settings.allowHalfOpen, this);
  }

  /** What errors of a session call it by. @internal */
  get conv(): number {
    return Number.parseInt(this.id.slice(0, 8), 16);
  }

  /** Most bytes of a message: `maxMessageSize`. */
  get messageMax(): number {
    return this.#driver.end.settings.maxMessageSize;
  }

  /** The address of the peer on the present connection, if that has one. */
  get remote(): ResumeConnection['remote'] {
    return this.#driver.carrier?.remote;
  }

  /**
   * Number of the message that was delivered last, counted from 1 over the whole life of the session, at all servers. Keep it with what
   * the message has caused, to recognize a message that a server has handled just before its process died.
   */
  get received(): number {
    return this.#driver.end.incoming.read;
  }

  /** Number of the message that was sent last. */
  get sent(): number {
    return this.#driver.end.outgoing.last;
  }

  /** Messages that the peer has not acknowledged. */
  get unacknowledged(): number {
    return this.#driver.end.outgoing.waiting;
  }

  /** Emits once, how the session ended, and completes; never fails. What is unread can still be read. */
  get closed$(): Observable<SessionEnd> {
    return this.#driver.closed$.asObservable();
  }

  /** Whether the session has ended. */
  get closed(): boolean {
    return !!this.#driver.outcome;
  }

  /** Whether there is a connection: the value now, then each change. Completes with the session. */
  get connected$(): Observable<boolean> {
    return this.#driver.connected$.pipe(distinctUntilChanged());
  }

  /** Whether messages wait for the peer's window: the value now, then each change. Completes with the session. */
  get congested$(): Observable<boolean> {
    return this.#driver.congested$.pipe(distinctUntilChanged());
  }

  /** The sending side alone: an Observer that cannot be read from. */
  get observer(): Observer<Message> {
    return observerOf(this);
  }

  /** Delivers messages; to another resumable session with backpressure. Without any argument it follows the session to its end. */
  override subscribe(
    observerOrNext?: Partial<Observer<Uint8Array>> | ((message: Uint8Array) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (!observerOrNext && !error && !complete) return this.#driver.closed$.subscribe();
    if (observerOrNext instanceof ResumableSession) return this.#relayTo(observerOrNext);
    return super.subscribe(observerOrNext as (message: Uint8Array) => void, error, complete);
  }

  /** Sends a message. Invalid, or over the caps: the session fails. Ignored after `complete`, as by any Observer. */
  next(message: Message): void {
    if (!this.#driver.isOpen) return;
    try {
      this.#write(message);
    } catch (error) {
      this.error(error);
      return;
    }
    this.#driver.pump();
  }

  /**
   * Sends a message, and resolves when it is within the peer's window, and in the store if there is one: the time to send more. It is
   * copied before the call returns, and sent whatever becomes of the promise.
   *
   * @returns rejects with `InvalidMessageError`, `FrameTooLargeError` or a `ResumeError` of the kind `cap`, and nothing was sent; with
   * `SessionClosedError` after `complete` or the end; with what ended the session while it waited.
   */
  send(message: Message): Promise<void> {
    return new Promise((resolve, reject) => this.#send(message, resolve, reject));
  }

  /** {@link ResumableSession.send} as an Observable. Cold: each subscription sends. Unsubscribing ends the waiting only. */
  send$(message: Message): Observable<void> {
    return sent$((taken, failed) => this.#send(message, taken, failed));
  }

  /** Sends what is queued, waits until the peer has acknowledged everything, then ends the session. Delivery goes on meanwhile. */
  complete(): void {
    this.#driver.finish();
  }

  /**
   * Sends what is queued, then says that nothing more comes: the peer's messages complete. Delivery goes on until the peer has finished,
   * too; then the session ends.
   *
   * @returns resolves when the peer has acknowledged everything; rejects with what ended the session before.
   */
  finish(): Promise<void> {
    const finished = new Promise<void>((resolve, reject) => {
      this.#driver.requireOpen();
      this.#driver.finish({ resolve, reject });
    });
    finished.catch(noop);
    return finished;
  }

  /** The source of what is sent has failed: ends the session at once with that error. */
  error(error: unknown): void {
    this.#driver.fail(error);
  }

  /** Ends the session at once. The peer is told if there is a connection; else it learns of it when it dials, or when the session expires. */
  close(): void {
    this.#driver.close();
  }

  /** Whether nothing more will be sent, but what is queued. @internal */
  get isCompleting(): boolean {
    return this.#driver.end.outgoing.isFinished;
  }

  /** For RxJS: what lets go of a source that this session observes. @internal */
  add(teardown: TeardownLogic): void {
    this.#sources.add(teardown);
  }

  /** For RxJS: the source has ended. @internal */
  remove(teardown: Exclude<TeardownLogic, void>): void {
    this.#sources.remove(teardown);
  }

  /** For RxJS: lets go of all sources. It closes nothing. @internal */
  unsubscribe(): void {
    const sources = this.#sources;
    if (!this.isCompleting && !this.closed) this.#sources = new Subscription();
    sources.unsubscribe();
  }

  /** @internal */
  get isFailure(): boolean {
    return this.#driver.isFailure;
  }

  /** @throws as `send` rejects, if nothing was sent. */
  #send(message: Message, taken: () => void, failed: (error: unknown) => void): void {
    this.#driver.requireOpen();
    this.#write(message);
    this.#driver.whenTaken(taken, failed);
    this.#driver.pump();
  }

  /** @throws InvalidMessageError, FrameTooLargeError, ResumeError */
  #write(given: Message): void {
    const message = checkMessage(given, Infinity);
    const length = lengthOf(message);
    if (length > this.messageMax) throw new FrameTooLargeError('frame', length, this.messageMax);
    const copy = new Uint8Array(length);
    let at = 0;
    for (const piece of message instanceof Uint8Array ? [message] : message) {
      copy.set(piece, at);
      at += piece.length;
    }
    this.#driver.end.write(copy);
  }

  #relayTo(target: ResumableSession): Subscription {
    const driver = target.#driver;
    const window = {
      get congested() {
        return driver.end.outgoing.congested;
      },
      whenTaken: (taken: () => void, failed: (error: unknown) => void) => driver.whenTaken(taken, failed),
    };
    const subscription = super.subscribe(relayTo(target, window, this.demand));
    if (target !== this) subscription.add(driver.closed$.subscribe(() => subscription.unsubscribe()));
    return subscription;
  }
}
