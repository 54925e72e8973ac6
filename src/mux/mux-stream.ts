// One stream of a smux session: an Observable of bytes in, an Observer of bytes out.

import {
  AsyncSubject,
  BehaviorSubject,
  distinctUntilChanged,
  noop,
  type Observable,
  type Observer,
  Subscription,
  type TeardownLogic,
} from 'rxjs';
import { Fifo } from '../bytes/fifo.ts';
import { checkMessage, lengthOf, type Message } from '../core/kcp/message.ts';
import { MuxStreamClosedError } from '../core/mux/errors.ts';
import type { StreamEnd } from '../core/mux/stream-end.ts';
import { SendQueueFullError } from '../errors.ts';
import { callSafely } from '../rx/report.ts';
import type { SessionEnd } from '../session/end.ts';
import { Following } from '../session/following.ts';
import { MessageSource } from '../session/message-source.ts';
import { relayTo } from '../session/relay.ts';
import { observerOf, sent$ } from '../session/sending.ts';
import { Flow, type StreamHost } from './stream-host.ts';

interface Waiter {
  /** Bytes of the stream after which it is served; `Infinity` is FIN. */
  readonly position: number;
  readonly taken: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * One stream of a {@link Mux}, with the shape of a session.
 *
 * As an Observable it is hot and ordered, without a gap: bytes before the first subscriber wait in the window of the stream, and so do
 * those that come while it is paused; a full window stops the peer's sending on this stream alone (smux version 2). Each chunk is the payload
 * of one frame, in its own buffer; chunk boundaries have no meaning. It completes when the peer has finished and everything is
 * read, and at once after `close()`. It fails with what ended the smux session, if that ended before the stream did.
 *
 * As an Observer it sends: `next` takes bytes, which are copied. What cannot be sent yet waits under the cap `sendQueueBytes`; a stream
 * that is pushed beyond it fails with `SendQueueFullError`. To keep clear of that, `await stream.send(bytes)`, use `sendTo(stream)` in a
 * pipeline, or subscribe one stream to another: `a.subscribe(b)`.
 *
 * `complete()` is the half-close of smux, FIN: the peer's reading ends, and this end goes on reading until the peer has finished, too.
 * `close()` ends both directions. To a peer of smux both look the same (see docs/mux.md).
 */
export class MuxStream extends MessageSource implements Observer<Message> {
  readonly #host: StreamHost;
  readonly #end: StreamEnd;
  readonly #flow: Flow;
  readonly #closed = new AsyncSubject<SessionEnd>();
  readonly #congested = new BehaviorSubject(false);
  readonly #waiters = new Fifo<Waiter>();
  #sources = new Subscription();
  /** Bytes handed over since the stream began. */
  #handedOver = 0;
  #isDelivering = false;
  #hasReadAll = false;
  /** What the stream does when the peer has finished. @internal */
  readonly following: Following;
  #outcome: SessionEnd | undefined;
  /** What `error` was called with. */
  #failure: { readonly error: unknown } | undefined;

  /** Whoever waited for what has left is served. */
  readonly #settle = (): void => {
    const { written, hasFinished } = this.#end;
    for (let waiter = this.#waiters.first; waiter; waiter = this.#waiters.first) {
      if (waiter.position > written && !hasFinished) break;
      this.#waiters.shift();
      callSafely(waiter.taken);
    }
    this.#congested.next(this.#end.outgoing.length > 0);
  };

  /** Made by a {@link Mux}. @internal */
  constructor(host: StreamHost, end: StreamEnd) {
    const flow = new Flow();
    super(flow);
    this.#host = host;
    this.#end = end;
    this.#flow = flow;
    this.following = new Following(host.allowHalfOpen, this);
    flow.deliver = () => this.#deliver();
    end.owner = {
      readable: () => this.#deliver(),
      sent: () => host.sent(this.#settle),
      over: (error) => this.#over(error),
    };
  }

  /** Begins to deliver, once all that subscribe in the handler of the stream have done so. @internal */
  start(): void {
    this.demand.release();
  }

  /** Its number, 1 … 4294967295: of those that a client opens odd, else even. */
  get id(): number {
    return this.#end.id;
  }

  /** What errors of a session call it by. @internal */
  get conv(): number {
    return this.#end.id;
  }

  /** A message of a stream can be of any size. @internal */
  get messageMax(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Share of the connection relative to other streams that have something to send, 1 … 256. */
  get weight(): number {
    return this.#end.weight;
  }

  /** Bytes received. */
  get bytesReceived(): number {
    return this.#end.received;
  }

  /** Bytes handed to the connection. */
  get bytesSent(): number {
    return this.#end.written;
  }

  /** Emits once, how the stream ended, and completes; never fails. Both directions have ended then; what is unread can still be read. */
  get closed$(): Observable<SessionEnd> {
    return this.#closed.asObservable();
  }

  /** Whether the stream has ended in both directions. */
  get closed(): boolean {
    return !!this.#outcome;
  }

  /** Whether bytes wait to be sent: the value now, then each change. Completes with the stream. */
  get congested$(): Observable<boolean> {
    return this.#congested.pipe(distinctUntilChanged());
  }

  /** The sending side alone: an Observer that cannot be read from. */
  get observer(): Observer<Message> {
    return observerOf(this);
  }

  /** Delivers bytes; to another stream with backpressure. Without any argument it delivers nothing, and follows the stream to its end. */
  override subscribe(
    observerOrNext?: Partial<Observer<Uint8Array>> | ((bytes: Uint8Array) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (!observerOrNext && !error && !complete) return this.#closed.subscribe();
    if (observerOrNext instanceof MuxStream) return this.#relayTo(observerOrNext);
    return super.subscribe(observerOrNext as (bytes: Uint8Array) => void, error, complete);
  }

  /** Sends bytes, in one piece or in several. Invalid, or over the cap: the stream fails. Ignored after `complete`, as by any Observer. */
  next(message: Message): void {
    if (this.#end.isFinishing || this.closed) return;
    try {
      this.#write(this.#checked(message));
    } catch (error) {
      this.error(error);
    }
  }

  /**
   * Sends bytes, and resolves when the connection has taken them: the time to send more. They are copied before it returns, and sent
   * whatever becomes of the promise.
   *
   * @returns rejects with `InvalidMessageError` or `SendQueueFullError`, and nothing was sent; with `MuxStreamClosedError` after `complete` or
   * the end; with `MuxPeerClosedError`, or what ended the smux session, while it waited.
   */
  send(message: Message): Promise<void> {
    return new Promise((resolve, reject) => this.#send(message, resolve, reject));
  }

  /** {@link MuxStream.send} as an Observable. Cold: each subscription sends. Unsubscribing ends the waiting only. */
  send$(message: Message): Observable<void> {
    return sent$((taken, failed) => this.#send(message, taken, failed));
  }

  /** Sends what is queued, then FIN: the peer's reading ends. Delivery goes on until the peer has finished, too; then the stream ends. */
  complete(): void {
    if (this.closed) return;
    this.#host.session.finish(this.#end);
    this.unsubscribe();
    this.#host.pump();
  }

  /** {@link MuxStream.complete}. Resolves when the connection has taken FIN; rejects with what ended the stream before. */
  finish(): Promise<void> {
    const finished = new Promise<void>((resolve, reject) => {
      this.#requireOpen();
      this.#waiters.push({ position: Number.POSITIVE_INFINITY, taken: resolve, failed: reject });
      this.complete();
    });
    finished.catch(noop);
    return finished;
  }

  /** The source of what is sent has failed: closes the stream, which fails with that error. */
  error(error: unknown): void {
    if (this.closed) return;
    this.#failure = { error };
    this.#close();
  }

  /** Ends both directions: what is queued is still sent, then the peer is told; what is unread is dropped. */
  close(): void {
    // After the end, it gives up what is unread.
    this.#close();
    this.#endReading();
  }

  /** Whether nothing more will be sent, but what is queued. @internal */
  get isCompleting(): boolean {
    return this.#end.isFinishing;
  }

  /** For RxJS: what lets go of a source that this stream observes. @internal */
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
    if (!this.#end.isFinishing && !this.closed) this.#sources = new Subscription();
    sources.unsubscribe();
  }

  /** @internal */
  get isFailure(): boolean {
    return true;
  }

  #requireOpen(): void {
    if (this.#end.isFinishing || this.closed) throw new MuxStreamClosedError(this.id, { cause: this.#outcome?.error });
  }

  /** @throws as `send` rejects, if nothing was sent. */
  #send(message: Message, taken: () => void, failed: (error: unknown) => void): void {
    this.#requireOpen();
    const settled = this.#checked(message);
    // It is served within the call, if there is room.
    this.#waiters.push({ position: this.#handedOver + lengthOf(settled), taken, failed });
    this.#write(settled);
  }

  #write(message: Message): void {
    const { session, copies } = this.#host;
    const { outgoing } = this.#end;
    const length = lengthOf(message);
    this.#handedOver += length;
    for (const piece of message instanceof Uint8Array ? [message] : message) {
      session.write(this.#end, copies ? piece : new Uint8Array(piece));
    }
    this.#host.pump();
    if (outgoing.length === 0) return;
    // What could not be sent at once is lent no longer.
    if (copies) outgoing.own(Math.max(outgoing.length - length, 0));
    this.#congested.next(true);
  }

  /** @throws InvalidMessageError, SendQueueFullError */
  #checked(given: Message): Message {
    const message = checkMessage(given, Number.POSITIVE_INFINITY);
    const waiting = this.#end.outgoing.length;
    const { sendQueueBytes } = this.#host;
    if (waiting > 0 && waiting + lengthOf(message) > sendQueueBytes) {
      throw new SendQueueFullError('sendQueueBytes', sendQueueBytes);
    }
    return message;
  }

  #close(): void {
    this.#host.session.close(this.#end, this.#host.now());
    this.#host.pump();
  }

  #relayTo(target: MuxStream): Subscription {
    const window = {
      get congested() {
        return target.#end.outgoing.length > 0;
      },
      whenTaken: (taken: () => void, failed: (error: unknown) => void) => {
        if (target.closed) failed(new MuxStreamClosedError(target.id));
        else target.#waiters.push({ position: target.#handedOver, taken, failed });
      },
    };
    const subscription = super.subscribe(relayTo(target, window, this.demand));
    if (target !== this) subscription.add(target.#closed.subscribe(() => subscription.unsubscribe()));
    return subscription;
  }

  /** Delivers what can be read, and then the end. */
  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    const end = this.#end;
    while (!this.#flow.isPaused && end.incoming.length > 0) {
      const bytes = this.#host.session.read(end, this.#host.now());
      if (bytes) this.messages.next(bytes);
    }
    this.#isDelivering = false;
    if (end.incoming.length === 0 && (this.closed || (end.peerFinished && !this.#flow.isPaused))) this.#endReading();
    this.#host.pump();
  }

  #endReading(): void {
    if (this.#hasReadAll || (!this.closed && !this.#end.peerFinished)) return;
    this.#hasReadAll = true;
    if (this.#outcome?.reason === 'failed' && !this.#end.peerFinished) this.messages.error(this.#outcome.error);
    else this.messages.complete();
    this.following.peerFinished();
  }

  #over(error: unknown): void {
    const { isClosed, hasFinished } = this.#end;
    if (this.#failure) this.#outcome = { reason: 'failed', ...this.#failure };
    else if (error !== undefined) this.#outcome = { reason: 'failed', error };
    else if (isClosed) this.#outcome = { reason: 'closed' };
    else this.#outcome = { reason: hasFinished ? 'completed' : 'peer' };
    Object.freeze(this.#outcome);
    this.unsubscribe();
    this.#settle();
    const reason = this.#outcome.error ?? new MuxStreamClosedError(this.id);
    for (let waiter = this.#waiters.shift(); waiter; waiter = this.#waiters.shift()) callSafely(waiter.failed, reason);
    this.#congested.complete();
    this.#closed.next(this.#outcome);
    this.#closed.complete();
    this.#deliver();
  }
}
