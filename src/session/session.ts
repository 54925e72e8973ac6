// A session: the layer operators joined to one link, as an Observable of messages in (message-source.ts) and an Observer of messages out.

import { checkMessage, type Message } from '../core/kcp/message.ts';
import { processCounters, sessionClosed, sessionOpened } from '../counters/process.ts';
import { FecRequiredError, SessionClosedError } from '../errors.ts';
import type { Link } from '../link/link.ts';
import { type Observable, type Observer, Subscription, type TeardownLogic } from '../rx/rxjs.ts';
import { AsyncSubject, noop } from '../rx/rxjs-more.ts';
import { clockOf } from '../time/clock.ts';
import type { SessionEnd } from './end.ts';
import { Following } from './following.ts';
import { MeasuredSession } from './measured.ts';
import type { SessionTunableOptions, SettledOptions } from './options.ts';
import { checkPayload } from './out-of-band.ts';
import { Pipeline } from './pipeline.ts';
import { relayTo } from './relay.ts';
import { observerOf, sent$ } from './sending.ts';

/**
 * One conversation with one peer.
 *
 * As an Observable it is hot and ordered, without a gap: messages before the first subscriber wait in the receive window, and so
 * do those that come while it is paused or has no subscriber left; a full window stops the peer. Each message is yours alone, in
 * a buffer of its own: keep it, write to it, transfer it. The Observable ends after the last message that had come before,
 * however late that is read; after `close()` it ends at once. A later subscriber gets only that end. It completes if the session
 * ended well, and fails with an error of this side (a message too large, a full queue, `error(e)`). If the peer or the network has
 * ended the session, `peerLoss` says which: a session of `connect` fails, one of `listen` completes, and `closed$` has the error.
 *
 * As an Observer it sends: `next` takes one message (a `Uint8Array` of 1 byte up to 255 segments; any length in stream mode), which
 * is copied. If the send window is full, messages wait under the caps `sendQueueBytes` and `sendQueueSegments`; a session that is
 * pushed beyond them fails with `SendQueueFullError`. To keep clear of that, `await send(bytes)`, use `sendTo(session)` in a
 * pipeline, or subscribe one session to another: `a.subscribe(b)` (or `a.subscribe(a)`, an echo). While the window of `b` is full, `a`
 * delivers nothing, and when `b` ends, it lets go of `a`. Any other source, `source$.subscribe(session)`, is let go of when the session
 * ends, or takes nothing more; unsubscribing one of several detaches all, as an Observer of RxJS that is a Subscription itself has it.
 * (RxJS 8 has no such observers. `sendTo(session)` lets go of its own source, with either.)
 *
 * As an async iterable it is read at the pace of the loop.
 *
 * ```
 * session.subscribe(message => …);      // push
 * for await (const m of session) …      // pull
 * session.next(bytes);                  // send
 * await session.send(bytes);            // send with backpressure
 * bytes$.pipe(sendTo(session))          // the same as a pipeline
 * await session.finish();               // send what is queued, wait for the acks; read on until the peer has finished, too
 * session.complete();                   // send what is queued, wait for the acks, close
 * ```
 *
 * Whatever ends a session, this is the order: pending `send()`s reject, `closed$` emits, `connect` completes (within its handler:
 * when that returns; `listen` goes on), `oob$` and `trace$` complete, and messages, iterators and streams end when all is read. When the
 * peer has finished, reading ends before, and the session completes itself, or stays open for what is sent (`allowHalfOpen`).
 *
 * A peer of this library learns of the end: `complete()` completes its messages, and ends it (`closed$` says `peer`); after `close()` it
 * fails with `PeerLeftError`, if something is missing. Peers of other kinds learn of nothing, for KCP has no words for it.
 */
export class Session extends MeasuredSession implements Observer<Message> {
  readonly #onEnd: (() => void) | undefined;
  readonly #peerLoss: 'error' | 'complete';
  /** There is one from the first time on that somebody asks. */
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
   * @param onEnd called once, when the session has ended, before anybody else learns of it.
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
   * to send the next one. The bytes are copied before it returns, and sent whatever becomes of the promise.
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
   * Sends one datagram beside the conversation, at once: it is not repeated when lost, not ordered, and takes no part in FEC. The
   * bytes, `oobMax` of them at most and none at least, are copied.
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

/** Delivers to a session. A class rather than three functions, for a server has many sessions. */
class Delivery implements Observer<Uint8Array> {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  next(message: Uint8Array): void {
    // What is read after the end is not in the totals that were made then.
    if (this.#session.closed) processCounters().BytesReceived += message.length;
    this.#session.messages.next(message);
  }

  error(error: unknown): void {
    if (this.#session.isFailure) this.#session.messages.error(error);
    else this.complete();
  }

  complete(): void {
    this.#session.messages.complete();
  }
}
