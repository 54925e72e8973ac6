// A session: the layer operators joined to one link, as an Observable of messages in (message-source.ts) and an Observer of messages out.

import { checkMessage, type Message } from '../core/kcp/message.ts';
import { sessionClosed, sessionOpened } from '../counters/process.ts';
import { FecRequiredError, SessionClosedError } from '../errors.ts';
import type { Link } from '../link/link.ts';
import { type Observable, type Observer, Subscription, type TeardownLogic } from '../rx/rxjs.ts';
import { AsyncSubject, noop } from '../rx/rxjs-more.ts';
import { clockOf } from '../time/clock.ts';
import { Delivery } from './delivery.ts';
import type { SessionEnd } from './end.ts';
import { Following } from './following.ts';
import { MeasuredSession } from './measured.ts';
import type { SessionTunableOptions, SettledOptions } from './options.ts';
import { checkPayload } from './out-of-band.ts';
import { Pipeline } from './pipeline.ts';
import { relayTo } from './relay.ts';
import { observerOf, sent$ } from './sending.ts';

/**
 * One conversation with one peer: an Observable of received messages, an Observer of messages to send, and an async iterable.
 *
 * **Receiving.** Hot, in order and without gaps. While there is no subscriber, or the session is paused, messages wait in the receive window;
 * a full window stops the peer. Each message has its own buffer: keep it, write to it, transfer it. The Observable ends after the
 * last message that had arrived; after `close()` it ends at once. Later subscribers receive only that end. It completes if the session
 * ended well, and fails if this side caused an error (a message too large, a full queue, `error(e)`). If the peer or the network ended the
 * session, a session of `connect` fails and one of `listen` completes (see `peerLoss`); `closed$` has the error in both cases.
 *
 * **Sending.** `next` copies one message: a `Uint8Array` of 1 byte up to 255 segments, or of any length in stream mode. If the send window is
 * full, messages wait, up to `sendQueueBytes` and `sendQueueSegments`; beyond that the session fails with `SendQueueFullError`. To avoid
 * that, use `await send(bytes)`, or `sendTo(session)` in a pipeline.
 *
 * **Relaying.** `a.subscribe(b)` has backpressure: while the send window of `b` is full, `a` delivers nothing. When `b` ends, `a` releases it. With any
 * other source, `source$.subscribe(session)`, the session unsubscribes from the source when it ends. If one session observes several
 * sources, unsubscribing from one detaches all of them, as with any Observer of RxJS 7 that is a Subscription. (RxJS 8 has no such
 * observers; `sendTo(session)` releases only its own source, in both versions.)
 *
 * ```
 * session.subscribe(message => …);      // push
 * for await (const m of session) …      // pull
 * session.next(bytes);                  // send
 * await session.send(bytes);            // send with backpressure
 * bytes$.pipe(sendTo(session))          // the same as a pipeline
 * await session.finish();               // send the queue, wait for the acks; continue to read until the peer has finished, too
 * session.complete();                   // send the queue, wait for the acks, close
 * ```
 *
 * **Ending.** The order is always the same. Pending `send()` calls reject, `closed$` emits, `connect` completes (`listen` continues), `oob$` and
 * `trace$` complete, and messages, iterators and streams end when everything is read. When the peer has finished, reading ends earlier,
 * and the session completes itself, or stays open for sending (`allowHalfOpen`).
 *
 * A peer that uses this library is informed of the end. After `complete()`, its messages complete and its session ends (`closed$` reports
 * `peer`). After `close()`, it fails with `PeerLeftError` if data is missing. Other peers are not informed, because KCP has no close packet.
 */
export class Session extends MeasuredSession implements Observer<Message> {
  readonly #onEnd: (() => void) | undefined;
  readonly #peerLoss: 'error' | 'complete';
  /** Made when it is first asked for. */
  #closed: AsyncSubject<SessionEnd> | undefined;
  #end: SessionEnd | undefined;
  #completing = false;
  /** What becomes of it when the peer has finished. @internal */
  readonly following: Following;
  /** Lets go of the sources of what is sent; there is one from the first source on. */
  #sources: Subscription | undefined;
  /** What settles the promise of `finish()`. */
  #finishing: { resolve(): void; reject(error: unknown): void } | undefined;
  /** `close()` was called, which is what the end will be. */
  #closing = false;

  /**
   * Made by `connect` and `listen`.
   *
   * @param onEnd called once, when the session has ended, before any other code learns of it.
   */
  constructor(link: Link, options: SettledOptions, kind: 'active' | 'passive', onEnd?: () => void) {
    const scheduler = clockOf(options.scheduler);
    super(new Pipeline(link, { ...options, scheduler }), scheduler, link);
    this.following = new Following(options.allowHalfOpen === true, this);
    this.#onEnd = onEnd;
    this.#peerLoss = options.peerLoss ?? (kind === 'active' ? 'error' : 'complete');
    sessionOpened(this, kind);
    this.pipeline.join(new Delivery(this), this, scheduler);
  }

  /**
   * Begins to deliver. For `connect` and `listen`, once all that subscribe in the handler of the session have done so:
   * the second of them is to see the first message, too.
   *
   * @internal
   */
  start(): void {
    this.pipeline.outOfBand.start();
    this.demand.release();
  }

  /**
   * Delivers messages; to another session with backpressure, see {@link Session}. Without any argument it delivers nothing, and follows
   * the session to its end: that is what `tap(session)` calls. To read and ignore: `session.messages$.subscribe()`.
   */
  override subscribe(
    observerOrNext?: Partial<Observer<Uint8Array>> | ((message: Uint8Array) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (!observerOrNext && !error && !complete) return this.closed$.subscribe();
    if (observerOrNext instanceof Session) return this.#relayTo(observerOrNext);
    return super.subscribe(observerOrNext as (message: Uint8Array) => void, error, complete);
  }

  /** Emits once, how the session ended, and completes; never fails. */
  get closed$(): Observable<SessionEnd> {
    return this.#end$.asObservable();
  }

  /** The sending side alone: an Observer that cannot be read from. Safe to hand out. */
  get observer(): Observer<Message> {
    return observerOf(this);
  }

  /** Whether the session has ended. */
  get closed(): boolean {
    return !!this.#end;
  }

  /**
   * Sends one message, in one piece or in several that follow each other (in stream mode that many bytes). Invalid, too large, or
   * too many: the session fails. Ignored after `complete`, as by any Observer.
   */
  next(message: Message): void {
    if (this.#isOpen) this.pipeline.outgoing.next(message);
  }

  /**
   * Sends one message, in one piece or in several that follow each other, and resolves when the send window has taken it: the time
   * to send the next one. The bytes are copied before it returns, and sent whatever becomes of the promise. With a signal: `sendMessage` of `rxkcp/adapters`.
   *
   * @returns rejects with `InvalidMessageError`, `MessageTooLargeError` or `SendQueueFullError`, and nothing was sent;
   * with `SessionClosedError` after `complete` or the end; with what ended the session while it waited.
   */
  send(message: Message): Promise<void> {
    return new Promise((resolve, reject) => this.#send(message, resolve, reject));
  }

  /**
   * Sends one message when subscribed to: {@link Session.send} as an Observable, for pipelines and virtual time. Emits once and completes
   * when the send window has taken the message: within the call, if it has room. Fails as `send` rejects. Cold: each subscription
   * sends. Unsubscribing ends the waiting only: the message is in line, and is sent.
   *
   * ```
   * readings$.pipe(concatMap(bytes => session.send$(bytes)))     // each in its turn
   * readings$.pipe(exhaustMap(bytes => session.send$(bytes)))    // drops what comes while the window is full
   * ```
   */
  send$(message: Message): Observable<void> {
    return sent$((taken, failed) => this.#send(message, taken, failed));
  }

  /**
   * Emits the payloads of the peer's out-of-band datagrams as they arrive, each at most once; hot. Completes with the session.
   * Fails with `FecRequiredError` if this end has no FEC. A payload from kcp-go, which does not number them, is emitted as often
   * as the network delivers it.
   */
  get oob$(): Observable<Uint8Array> {
    return this.pipeline.outOfBand.received$;
  }

  /**
   * Sends one datagram outside the conversation, at once. It is not retransmitted, not ordered, and not part of an FEC group. The payload has
   * 0 to `oobMax` bytes, which are copied.
   *
   * @throws FecRequiredError without FEC, OobTooLargeError, OptionError, and SessionClosedError after `complete` or the end.
   */
  sendOob(payload: Uint8Array): void {
    const { sendsFec, egress, outOfBand } = this.pipeline;
    if (!sendsFec) throw new FecRequiredError(this.conv);
    this.#requireOpen();
    checkPayload(payload, this.oobMax);
    egress.send([outOfBand.packet(payload)]);
  }

  /** Sends what is queued, waits until the peer has acknowledged it, then ends the session. Delivery goes on meanwhile. */
  complete(): void {
    if (this.closed) return;
    this.#completing = true;
    this.pipeline.finish(false);
    this.unsubscribe();
  }

  /**
   * Sends what is queued, and tells the peer that nothing more comes (half-close): its messages complete when it has read all. What it
   * sends is delivered here until it has finished, too; then the session ends. `complete()` and `close()` do not wait for that, and may
   * follow. A peer that does not show that it has understood is of another kind, and will not tell when it has finished: then the
   * session ends a few round trips after it has acknowledged everything.
   *
   * @returns resolves when the peer has acknowledged everything; rejects with what ended the session before, or `SessionClosedError`. Whoever
   * does not wait for it need not catch that.
   */
  finish(): Promise<void> {
    const finished = new Promise<void>((resolve, reject) => {
      this.#requireOpen();
      this.#completing = true;
      this.#finishing = { resolve, reject };
      this.pipeline.finish(true);
    });
    finished.catch(noop);
    this.unsubscribe();
    return finished;
  }

  /** Whether more may be sent. */
  get #isOpen(): boolean {
    return !this.#completing && !this.closed;
  }

  /** Whether `complete()` or `finish()` was called. @internal */
  get isCompleting(): boolean {
    return this.#completing;
  }

  /** For RxJS: what lets go of a source that this session observes. @internal */
  add(teardown: TeardownLogic): void {
    this.#sources ??= new Subscription();
    this.#sources.add(teardown);
    // What is added to one that takes nothing more is let go of at once.
    if (!this.#isOpen) this.unsubscribe();
  }

  /** For RxJS: the source has ended. @internal */
  remove(teardown: Exclude<TeardownLogic, void>): void {
    this.#sources?.remove(teardown);
  }

  /** For RxJS: lets go of all sources. It closes nothing. @internal */
  unsubscribe(): void {
    const sources = this.#sources;
    this.#sources = undefined;
    sources?.unsubscribe();
  }

  /** The source of what is sent has failed: ends the session at once with that error. */
  error(error: unknown): void {
    this.pipeline.arq.fail(error);
  }

  /** Ends the session at once: one last flush, no waiting for acks (kcp-go's `Close`). */
  close(): void {
    this.#closing = true;
    this.pipeline.arq.close();
    // It may be called when another end is on its way.
    this.#closing = false;
  }

  /**
   * Changes settings while the session runs.
   *
   * @throws OptionError and changes nothing, if one is out of range, unknown, or set for good when the session was made.
   */
  configure(changes: SessionTunableOptions): void {
    this.pipeline.configure(changes);
  }

  /** The network is back, your program knows: retransmits at once what has waited for an RTO. A session in use notices by itself. */
  kick(): void {
    this.pipeline.arq.kick();
  }

  /** @internal */
  acknowledged(): void {
    this.#finishing?.resolve();
  }

  /** @internal */
  peerFinished(): void {
    this.messages.complete();
    this.following.peerFinished();
  }

  /** @throws as `send` rejects, if nothing was sent. */
  #send(message: Message, taken: () => void, failed: (error: unknown) => void): void {
    const { arq, outgoing } = this.pipeline;
    this.#requireOpen();
    const settled = checkMessage(message, arq.messageMax);
    arq.checkRoom(settled);
    outgoing.next(settled);
    arq.whenTaken(taken, failed);
  }

  /** @throws SessionClosedError after `complete` or the end. */
  #requireOpen(): void {
    if (!this.#isOpen) throw new SessionClosedError(this.conv, { cause: this.#end?.error });
  }

  /** Passes messages on to `target` until that ends, and stops delivery while its window is full. */
  #relayTo(target: Session): Subscription {
    const subscription = super.subscribe(relayTo(target, target.pipeline.arq, this.demand));
    // Its own end it gets with the last message.
    if (target !== this) subscription.add(target.closed$.subscribe(() => subscription.unsubscribe()));
    return subscription;
  }

  /** @internal */
  override get isFailure(): boolean {
    return this.#peerLoss === 'error' || this.pipeline.arq.failedHere;
  }

  get #end$(): AsyncSubject<SessionEnd> {
    this.#closed ??= new AsyncSubject();
    return this.#closed;
  }

  /** Why the conversation has ended without an error. */
  #reason(): 'completed' | 'closed' | 'peer' {
    if (this.#closing) return 'closed';
    // Either all that was to be sent has arrived, or the link has completed before.
    return this.#completing && !this.following.isUnderWay && this.pipeline.arq.drained ? 'completed' : 'peer';
  }

  /** The conversation has ended, and so everything but reading. @internal */
  ended(end: SessionEnd = { reason: this.#reason() }): void {
    if (this.#end) return;
    this.#end = Object.freeze(end);
    // Those who keep the books come before those who may call back.
    this.#onEnd?.();
    sessionClosed(this);
    this.pipeline.egress.end();
    this.unsubscribe();
    this.#finishing?.reject(end.error ?? new SessionClosedError(this.conv));
    this.#end$.next(end);
    this.#end$.complete();
    this.pipeline.outOfBand.end();
  }
}
