// A session: the layer operators joined to one link, as an Observable of messages in and an Observer of messages out.

import {
  map,
  Observable,
  type Observer,
  type SchedulerLike,
  Subject,
  type Subscriber,
  type Subscription,
  takeUntil,
  timer,
} from 'rxjs';
import { checkOptions, requireInteger } from '../check.ts';
import { checkMessage, type Message } from '../core/kcp/message.ts';
import type { TraceEvent, TraceKind } from '../core/kcp/trace.ts';
import type { Snmp } from '../counters/counters.ts';
import { processCounters, sessionClosed, sessionOpened } from '../counters/process.ts';
import { FecRequiredError, SessionClosedError } from '../errors.ts';
import { MTU_DEFAULT } from '../limits.ts';
import type { Address, Link } from '../link/link.ts';
import { monotonicScheduler } from '../time/scheduler.ts';
import { Demand } from './demand.ts';
import type { SessionEnd } from './end.ts';
import { type Gate, MessageIterator } from './message-iterator.ts';
import {
  checkEgress,
  requireMtu,
  SESSION_NAMES,
  SESSION_TUNABLE_NAMES,
  type SessionOptions,
  type SessionTunableOptions,
} from './options.ts';
import { checkPayload, oobMaxOf } from './out-of-band.ts';
import { Pipeline } from './pipeline.ts';
import { type SessionStats, sessionSnmp, sessionStats } from './stats.ts';

/**
 * One conversation with one peer.
 *
 * As an Observable it is hot and ordered, without a gap: messages before the first subscriber wait in the receive window, and so
 * do those that come while it is paused or has no subscriber left; a full window stops the peer. Each message is yours alone, in
 * a buffer of its own: keep it, write to it, transfer it. The Observable completes if the session ended well, and fails with the
 * error that ended it, after the last message that had come before, however late that is read; after `close()` at once. A later
 * subscriber gets only that end.
 *
 * As an Observer it sends: `next` takes one message (a `Uint8Array` of 1 byte up to 255 segments; any length in stream mode), which
 * is copied. If the send window is full, messages wait under the caps `sendQueueBytes` and `sendQueueSegments`; a session that is
 * pushed beyond them fails with `SendQueueFullError`. Two ways keep clear of that: `await send(bytes)`, and one session as the
 * subscriber of another, `a.subscribe(b)` (or `a.subscribe(a)`, an echo): while the window of `b` is full, `a` delivers nothing.
 * A handler that calls `next` is not slowed down, and slows nobody down.
 *
 * As an async iterable it is read at the pace of the loop.
 *
 * ```
 * session.subscribe(message => …);      // push
 * for await (const m of session) …      // pull
 * session.next(bytes);                  // send
 * await session.send(bytes);            // send with backpressure
 * session.complete();                   // send what is queued, wait for the acks, close
 * ```
 *
 * Whatever ends a session, this is the order: pending `send()`s reject, `closed$` emits, `connect` completes (`listen` goes on),
 * `oob$` and `trace$` complete, and messages, iterators and streams end as soon as what had come before is read.
 */
export class Session extends Observable<Uint8Array> implements Observer<Message>, AsyncIterable<Uint8Array> {
  /** The peer's address; undefined on a link without addresses. */
  readonly remote: Address | undefined;
  /** Own address; undefined on a link without addresses. */
  readonly local: Address | undefined;
  readonly #pipeline: Pipeline;
  readonly #linkOverhead: number;
  #mtu: number;
  readonly #scheduler: SchedulerLike;
  readonly #messages = new Subject<Uint8Array>();
  readonly #demand: Demand;
  readonly #onEnd: (() => void) | undefined;
  readonly #closed = new Subject<SessionEnd>();
  #end: SessionEnd | undefined = undefined;
  #completing = false;
  /** `close()` was called, which is what the end will be. */
  #closing = false;

  /**
   * Made by `connect` and `listen`.
   *
   * @param onEnd called once, when the session has ended, before anybody else learns of it.
   */
  constructor(link: Link, options: SessionOptions, kind: 'active' | 'passive', onEnd?: () => void) {
    let attach = (_subscriber: Subscriber<Uint8Array>): void => {};
    super((subscriber) => attach(subscriber));
    attach = (subscriber) => {
      subscriber.add(this.#messages.subscribe(subscriber));
      if (!subscriber.closed) this.#demand.add(subscriber);
    };
    this.#onEnd = onEnd;
    this.remote = link.remote;
    this.local = link.local;
    this.#linkOverhead = link.overhead ?? 0;
    this.#mtu = options.mtu ?? MTU_DEFAULT;
    this.#scheduler = options.scheduler ?? monotonicScheduler;
    this.#pipeline = new Pipeline(link, options);
    this.#demand = new Demand(this.#pipeline.arq);
    sessionOpened(this, kind);
    this.#pipeline.join(
      {
        next: (message) => this.#deliver(message),
        error: (error) => this.#messages.error(error),
        complete: () => this.#messages.complete(),
      },
      {
        error: (error) => this.#finish({ reason: 'failed', error }),
        complete: () => this.#finish({ reason: this.#reason() }),
      },
      options,
    );
  }

  /**
   * Begins to deliver. For `connect` and `listen`, once all that subscribe in the handler of the session have done so:
   * the second of them is to see the first message, too.
   *
   * @internal
   */
  start(): void {
    this.#pipeline.outOfBand.start();
    this.#demand.start();
  }

  /** Delivers messages; to another session with backpressure, see {@link Session}. */
  override subscribe(
    observerOrNext?: Partial<Observer<Uint8Array>> | ((message: Uint8Array) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (observerOrNext instanceof Session) return super.subscribe(this.#relayTo(observerOrNext));
    return super.subscribe(observerOrNext as (message: Uint8Array) => void, error, complete);
  }

  /** The conversation id, 0 … 4294967295. */
  get conv(): number {
    return this.#pipeline.arq.conv;
  }

  /** Most bytes that one message can have now: 255 segments; in stream mode `Infinity`. */
  get messageMax(): number {
    return this.#pipeline.arq.messageMax;
  }

  /** Emits once, how the session ended, and completes; never fails. */
  get closed$(): Observable<SessionEnd> {
    return new Observable((subscriber) => {
      if (this.#end === undefined) return this.#closed.subscribe(subscriber);
      subscriber.next(this.#end);
      subscriber.complete();
      return undefined;
    });
  }

  /** Whether the session has ended. */
  get closed(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Sends one message, in one piece or in several that follow each other (in stream mode that many bytes). Invalid, too large, or
   * too many: the session fails. Ignored after `complete`, as by any Observer.
   */
  next(message: Message): void {
    if (!this.#completing && !this.closed) this.#pipeline.outgoing.next(message);
  }

  /**
   * Sends one message, in one piece or in several that follow each other, and resolves when the send window has taken it: the time
   * to send the next one. The bytes are copied before it returns, and sent whatever becomes of the promise.
   *
   * @returns rejects with `InvalidMessageError`, `MessageTooLargeError` or `SendQueueFullError`, and nothing was sent;
   * with `SessionClosedError` after `complete` or the end; with what ended the session while it waited.
   */
  send(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#completing || this.closed) throw new SessionClosedError(this.conv, { cause: this.#end?.error });
      checkMessage(message, this.#pipeline.arq.messageMax);
      this.#pipeline.arq.checkRoom(message);
      this.#pipeline.outgoing.next(message);
      this.#pipeline.arq.whenTaken(resolve, reject);
    });
  }

  /**
   * Payloads of the peer's out-of-band datagrams, each once if at all, as they come; hot. Completes with the session. Fails with `FecRequiredError`
   * when this end has no FEC.
   */
  get oob$(): Observable<Uint8Array> {
    return this.#pipeline.outOfBand.received$;
  }

  /** Most bytes of an out-of-band payload; 0 without FEC. */
  get oobMax(): number {
    const { sendsFec, overhead } = this.#pipeline;
    return sendsFec ? oobMaxOf(this.#mtu - overhead) : 0;
  }

  /**
   * Sends one datagram beside the conversation, at once: it is not repeated when lost, not ordered, and takes no part in FEC. The
   * bytes, `oobMax` of them at most and none at least, are copied.
   *
   * @throws FecRequiredError without FEC, OobTooLargeError, OptionError, and SessionClosedError after `complete` or the end.
   */
  sendOob(payload: Uint8Array): void {
    const { sendsFec, egress, outOfBand } = this.#pipeline;
    if (!sendsFec) throw new FecRequiredError(this.conv);
    if (this.#completing || this.closed) throw new SessionClosedError(this.conv, { cause: this.#end?.error });
    checkPayload(payload, this.oobMax);
    egress.send([outOfBand.packet(payload)]);
  }

  /** Sends what is queued, waits until the peer has acknowledged it, then ends the session. Delivery goes on meanwhile. */
  complete(): void {
    if (this.#completing || this.closed) return;
    this.#completing = true;
    this.#pipeline.outgoing.complete();
  }

  /** The source of what is sent has failed: ends the session at once with that error. */
  error(error: unknown): void {
    this.#pipeline.arq.fail(error);
  }

  /** Ends the session at once: one last flush, no waiting for acks (kcp-go's `Close`). */
  close(): void {
    this.#closing = true;
    this.#pipeline.arq.close();
  }

  /** Stops delivery to all subscribers; messages wait in the receive window, which closes. */
  pause(): void {
    this.#demand.pause();
  }

  /** Goes on with the delivery. */
  resume(): void {
    this.#demand.resume();
  }

  /**
   * Changes settings while the session runs.
   *
   * @throws OptionError and changes nothing, if one is out of range, unknown, or set for good when the session was made.
   */
  configure(changes: SessionTunableOptions): void {
    checkOptions(changes, SESSION_TUNABLE_NAMES, SESSION_NAMES);
    checkEgress(changes);
    const { arq, overhead, egress } = this.#pipeline;
    const { rateLimit, duplicates, mtu, ...others } = changes;
    if (mtu !== undefined) requireMtu(mtu, overhead);
    arq.configure(mtu === undefined ? others : { ...others, mtu: mtu - overhead });
    this.#mtu = mtu ?? this.#mtu;
    egress.configure({ rateLimit, duplicates });
  }

  /** The network is back, your program knows: retransmits at once what has waited for an RTO. A session in use notices by itself. */
  kick(): void {
    this.#pipeline.arq.kick();
  }

  /** Measurements, windows and traffic, now. */
  stats(): SessionStats {
    return sessionStats(this.#pipeline, this.#linkOverhead);
  }

  /** kcp-go's counters, for this session alone. */
  snmp(): Snmp {
    return sessionSnmp(this.#pipeline);
  }

  /**
   * kcp-go's counters for this session, now and then every `period` ms; completes with the session.
   *
   * @param period ms between readings, 1 … 2147483647. Default 1000.
   * @param scheduler the clock. Default: the session's.
   */
  snmp$(period = 1000, scheduler: SchedulerLike = this.#scheduler): Observable<Snmp> {
    requireInteger('period', period, 1, 0x7fff_ffff);
    return timer(0, period, scheduler).pipe(
      map(() => this.snmp()),
      takeUntil(this.closed$),
    );
  }

  /**
   * What the session does, event by event: of `kinds`, or of all twelve. Hot, in the order in which things happened; completes when
   * the session ends. Costs nothing while nobody listens. A listener may call back: all listeners get what that causes in its turn.
   *
   * ```
   * session.trace$('out-push', 'in-ack').subscribe(event => console.log(event));
   * session.trace$(...TRACE_INPUT).pipe(timestamp(scheduler))        // for those who ask when
   * ```
   *
   * @throws OptionError when one of `kinds` is none.
   * @see kcp-go sess.go, UDPSession.SetLogger, which needs a build of its own.
   */
  trace$<K extends TraceKind>(...kinds: K[]): Observable<TraceEvent<K>> {
    return this.#pipeline.trace.events$(kinds);
  }

  /** Reads messages at the pace of the caller; leaving the loop stops reading, and closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return new MessageIterator(this, this.#demand.gate);
  }

  /** Stops and restarts delivery, in addition to `pause`: for readers with a pace of their own. @internal */
  gate(): Gate {
    return this.#demand.gate;
  }

  #deliver(message: Uint8Array): void {
    // What is read after the end is not in the totals that were made then.
    if (this.closed) processCounters().BytesReceived += message.length;
    this.#messages.next(message);
  }

  /** Passes messages on to `target`, and stops delivery while its window is full. */
  #relayTo(target: Session): Observer<Uint8Array> {
    const { hold, release } = this.#demand.gate;
    return {
      next: (message) => {
        target.next(message);
        if (target.closed || !target.#pipeline.arq.congested) return;
        hold();
        target.#pipeline.arq.whenTaken(release, release);
      },
      error: (error) => target.error(error),
      complete: () => target.complete(),
    };
  }

  /** Why the conversation has ended without an error. */
  #reason(): 'completed' | 'closed' | 'peer' {
    if (this.#closing) return 'closed';
    // Either all that was to be sent has arrived, or the link has completed before.
    return this.#completing && this.#pipeline.arq.drained ? 'completed' : 'peer';
  }

  /** The conversation has ended, and so everything but reading. */
  #finish(end: SessionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    // Those who keep the books come before those who may call back.
    this.#onEnd?.();
    sessionClosed(this);
    this.#pipeline.egress.end();
    this.#closed.next(end);
    this.#closed.complete();
    this.#pipeline.outOfBand.end();
  }
}
