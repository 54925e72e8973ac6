// A session: the layer operators joined to one link, as an Observable of messages in and an Observer of messages out.

import {
  EMPTY,
  filter,
  identity,
  map,
  merge,
  Observable,
  type Observer,
  type SchedulerLike,
  Subject,
  type Subscriber,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { arq } from '../operators/arq.ts';
import { fecDecode } from '../operators/fec-decode.ts';
import { fecEncode } from '../operators/fec-encode.ts';
import type { Arq } from './arq-types.ts';
import { Counters, type Snmp } from './counters.ts';
import { Demand } from './demand.ts';
import { FecRequiredError, SessionClosedError } from './errors.ts';
import { FEC_OVERHEAD } from './fec/header.ts';
import type { TraceEvent, TraceKind } from './kcp/trace.ts';
import type { Address, Link } from './link/link.ts';
import { checkMessage, type Message } from './message.ts';
import { type Gate, MessageIterator } from './message-iterator.ts';
import { sessionClosed, sessionOpened } from './metrics.ts';
import {
  checkOutlet,
  type FecDirections,
  fecSettings,
  MTU_DEFAULT,
  requireInteger,
  requireMtu,
  requireObject,
  type SessionOptions,
  type SessionTunableOptions,
} from './options.ts';
import { checkPayload, OutOfBand, oobMaxOf } from './out-of-band.ts';
import { Outlet } from './outlet.ts';
import { monotonicScheduler } from './scheduler.ts';
import { countReceived, type SessionStats, sessionSnmp, sessionStats } from './session-stats.ts';

/** How a session ended. */
export interface SessionEnd {
  /**
   * - `completed`: by us, and everything was acknowledged.
   * - `closed`: by us at once, by `close()` or by unsubscribing from what made it.
   * - `peer`: by the peer, which began a new conversation from the same address, or whose link completed.
   * - `failed`: with `error`.
   */
  readonly reason: 'completed' | 'closed' | 'peer' | 'failed';
  /** `DeadLinkError`, `IdleTimeoutError`, a `SocketError`, … when the reason is `failed`. */
  readonly error?: unknown;
}

/** The session whose message is being delivered right now: the one to slow down if the window of another is full. */
let delivering: Session | undefined;

/**
 * One conversation with one peer.
 *
 * As an Observable it is hot and ordered, without a gap: messages before the first subscriber wait in the receive
 * window, and so do those that come while it is paused or has no subscriber left; a full window stops the peer.
 * It completes when the session ended well, and fails with the error that ended it: after the last message that had
 * come before, however late it is read; but `close()` means that nobody wants it. Who subscribes after that gets just
 * the end.
 *
 * As an Observer it sends: `next` takes one message (a `Uint8Array` of 1 byte up to 255 segments; any length in stream
 * mode), which is copied. When the send window is full, messages wait under the caps `sendQueueBytes` and
 * `sendQueueSegments`; a session that is pushed beyond them fails with `SendQueueFullError`. `await send(bytes)` keeps
 * clear of that. So does passing on what a session delivers, as in `a.subscribe(b)` or an echo: while the window of the
 * one that sends is full, delivery of the one that is being read stops.
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
 */
export class Session extends Observable<Uint8Array> implements Observer<Message>, AsyncIterable<Uint8Array> {
  /** The peer's address; undefined on a link without addresses. */
  readonly remote: Address | undefined;
  /** Own address; undefined on a link without addresses. */
  readonly local: Address | undefined;
  readonly #arq: Arq;
  readonly #link: Link;
  readonly #fec: FecDirections;
  readonly #oob: OutOfBand;
  /** Bytes that a datagram has beside its KCP packet. */
  readonly #overhead: number;
  #mtu: number;
  /** What the layers below the ARQ count. */
  readonly #counters = new Counters();
  readonly #scheduler: SchedulerLike;
  readonly #messages = new Subject<Uint8Array>();
  readonly #outgoing = new Subject<Message>();
  readonly #outlet: Outlet;
  readonly #demand: Demand;
  readonly #ended: ((end: SessionEnd) => void) | undefined;
  #closed: Subject<SessionEnd> | undefined = undefined;
  #end: SessionEnd | undefined = undefined;
  #completing = false;

  /**
   * Made by `connect` and `listen`.
   *
   * @param ended called once, when the session has ended, before anybody else learns of it.
   */
  constructor(link: Link, options: SessionOptions, kind: 'active' | 'passive', ended?: (end: SessionEnd) => void) {
    let attach = (_subscriber: Subscriber<Uint8Array>): void => {};
    super((subscriber) => attach(subscriber));
    attach = (subscriber) => this.#attach(subscriber);
    this.#ended = ended;
    this.remote = link.remote;
    this.local = link.local;
    this.#link = link;
    this.#fec = fecSettings(options);
    const headroom = this.#fec.encode === undefined ? 0 : FEC_OVERHEAD;
    this.#overhead = (link.overhead ?? 0) + headroom;
    this.#mtu = options.mtu ?? MTU_DEFAULT;
    this.#arq = arq(
      { ...options, mtu: this.#mtu - this.#overhead },
      { lent: link.lends, headroom, reused: link.releases },
    );
    this.#oob = new OutOfBand(this.#arq.conv, this.#fec.encode !== undefined);
    this.#outlet = new Outlet(link, this.#arq.conv, this.#counters, options);
    this.#scheduler = options.scheduler ?? monotonicScheduler;
    this.#demand = new Demand(this.#arq);
    sessionOpened(this, kind);
    this.#join();
  }

  /**
   * Begins to deliver. For `connect` and `listen`, once all that subscribe in the handler of the session have done so:
   * the second of them is to see the first message, too.
   *
   * @internal
   */
  start(): void {
    this.#oob.start();
    this.#demand.start();
  }

  /** The conversation id, 0 … 4294967295. */
  get conv(): number {
    return this.#arq.conv;
  }

  /** Most bytes that one message can have now: 255 segments; in stream mode `Infinity`. */
  get messageMax(): number {
    return this.#arq.messageMax;
  }

  /** Emits once, how the session ended, and completes; never fails. */
  get closed$(): Observable<SessionEnd> {
    return new Observable((subscriber) => {
      if (this.#end === undefined) {
        this.#closed ??= new Subject();
        return this.#closed.subscribe(subscriber);
      }
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
    if (this.#completing || this.closed) return;
    this.#outgoing.next(message);
    const source = delivering;
    if (source === undefined || this.closed || !this.#arq.congested) return;
    const { hold, release } = source.#demand.gate;
    hold();
    this.#arq.whenTaken(release, release);
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
      checkMessage(message, this.#arq.messageMax);
      this.#arq.checkRoom(message);
      this.#outgoing.next(message);
      this.#arq.whenTaken(resolve, reject);
    });
  }

  /**
   * Emits the payloads of the peer's out-of-band datagrams as they arrive, each at most once; hot.
   * Completes with the session. Fails with `FecRequiredError` if this end has no FEC.
   *
   * kcp-go does not number these datagrams. A kcp-go peer's payload is emitted as often as the
   * network delivers it. An rxkcp peer's datagram is dropped if it arrives behind one that was sent
   * more than 1,023 datagrams later.
   */
  get oob$(): Observable<Uint8Array> {
    return this.#oob.received$;
  }

  /** Most bytes of an out-of-band payload; 0 without FEC. */
  get oobMax(): number {
    return this.#fec.encode === undefined ? 0 : oobMaxOf(this.#mtu - this.#overhead);
  }

  /**
   * Sends one datagram beside the conversation, at once: it is not repeated when lost, not ordered, and takes no part in FEC. The
   * bytes, `oobMax` of them at most and none at least, are copied.
   *
   * @throws FecRequiredError without FEC, OobTooLargeError, OptionError, and SessionClosedError after `complete` or the end.
   */
  sendOob(payload: Uint8Array): void {
    if (this.#fec.encode === undefined) throw new FecRequiredError(this.conv);
    if (this.#completing || this.closed) throw new SessionClosedError(this.conv, { cause: this.#end?.error });
    checkPayload(payload, this.oobMax);
    this.#outlet.send([this.#oob.packet(payload)]);
  }

  /** Sends what is queued, waits until the peer has acknowledged it, then ends the session. Delivery goes on meanwhile. */
  complete(): void {
    if (this.#completing || this.closed) return;
    this.#completing = true;
    this.#outgoing.complete();
  }

  /** The source of what is sent has failed: ends the session at once with that error. */
  error(error: unknown): void {
    this.#finish({ reason: 'failed', error });
  }

  /** Ends the session at once: one last flush, no waiting for acks (kcp-go's `Close`). */
  close(): void {
    this.#finish({ reason: 'closed' });
  }

  /** Stops delivery to all subscribers; messages wait in the receive window, which closes. */
  pause(): void {
    this.#demand.pause();
  }

  /** Goes on with the delivery. */
  resume(): void {
    this.#demand.resume();
  }

  /** Changes settings while the session runs. @throws OptionError and changes nothing when one is out of range. */
  configure(changes: SessionTunableOptions): void {
    requireObject('options', changes);
    checkOutlet(changes);
    const { mtu } = changes;
    if (mtu !== undefined) requireMtu(mtu, this.#overhead);
    this.#arq.configure(mtu === undefined ? changes : { ...changes, mtu: mtu - this.#overhead });
    this.#mtu = mtu ?? this.#mtu;
    this.#outlet.configure(changes);
  }

  /** Measurements, windows and traffic, now. */
  stats(): SessionStats {
    return sessionStats(this.#arq, this.#counters, this.#link.overhead ?? 0, this.#outlet.dropped);
  }

  /** kcp-go's counters, for this session alone. */
  snmp(): Snmp {
    return sessionSnmp(this.#arq, this.#counters);
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
   * the session ends. Costs nothing while nobody listens. A listener may call back: it hears of that in its turn.
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
    // What leaves here is more than what the ARQ hands down: FEC, duplicates, out-of-band datagrams, seals.
    const events = this.#arq.trace$(...kinds).pipe(filter(({ kind }) => kind !== 'output'));
    const isWanted = kinds.length === 0 || (kinds as TraceKind[]).includes('output');
    return merge(
      events,
      isWanted ? (this.#outlet.trace$ as Observable<TraceEvent> as Observable<TraceEvent<K>>) : EMPTY,
    );
  }

  /** Reads messages at the pace of the caller; leaving the loop stops reading, and closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return new MessageIterator(this, this.#demand.gate);
  }

  /**
   * Stops and restarts delivery, beside `pause` and whoever else does: for those who read at a pace of their own.
   *
   * @internal
   */
  gate(): Gate {
    return this.#demand.gate;
  }

  /** The pipeline of the house, in both directions. */
  #join(): void {
    const { encode, decode } = this.#fec;
    const protect = encode === undefined ? identity : fecEncode(encode, this.#scheduler, true);
    const recover = fecDecode({
      shape: decode,
      conv: this.#arq.conv,
      counters: this.#counters,
      outOfBand: (packet, seqid) => {
        if (!this.#oob.input(packet, seqid)) this.#counters.KCPInErrors++;
      },
    });
    this.#outgoing.pipe(this.#arq.transmit, protect).subscribe({
      next: (burst) => this.#outlet.send(burst),
      error: (error) => this.#finish({ reason: 'failed', error }),
      // Either all that was to be sent has arrived, or the link has completed before.
      complete: () => this.#finish({ reason: this.#completing && this.#arq.drained ? 'completed' : 'peer' }),
    });
    // Ends after the other direction: when what had come before that has been read.
    const packets = this.#link.incoming.pipe(
      tap((burst) => countReceived(this.#counters, burst)),
      recover,
    );
    packets.pipe(this.#arq.receive).subscribe({
      next: (message) => this.#deliver(message),
      error: (error) => this.#messages.error(error),
      complete: () => this.#messages.complete(),
    });
  }

  #deliver(message: Uint8Array): void {
    const outer = delivering;
    delivering = this;
    try {
      this.#messages.next(message);
    } finally {
      delivering = outer;
    }
  }

  #attach(subscriber: Subscriber<Uint8Array>): void {
    subscriber.add(this.#messages.subscribe(subscriber));
    if (subscriber.closed) return;
    this.#demand.add(subscriber);
  }

  #finish(end: SessionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#completing = true;
    // Those who keep the books come before those who may call back.
    this.#ended?.(end);
    if (end.reason === 'failed') this.#arq.fail(end.error);
    else if (end.reason === 'closed') this.#arq.close();
    sessionClosed(this);
    this.#oob.end();
    this.#outlet.end();
    this.#closed?.next(end);
    this.#closed?.complete();
  }
}
