// What drives a smux session over one connection.

import { AsyncSubject, BehaviorSubject, Observable, Subject } from 'rxjs';
import { MuxClosedError } from '../core/mux/errors.ts';
import { MuxSession } from '../core/mux/mux-session.ts';
import type { StreamEnd } from '../core/mux/stream-end.ts';
import type { SessionEnd } from '../session/end.ts';
import { clockOf } from '../time/clock.ts';
import { type QueuedTimer, timerQueueOf } from '../time/timer-queue.ts';
import type { ByteCarrier } from './byte-carrier.ts';
import { carrierOf, type MuxCarrier } from './carrier.ts';
import { MuxStream } from './mux-stream.ts';
import { type DriverSettings, driverSettings, type MuxOptions, type OpenOptions, requireWeight } from './options.ts';
import type { StreamHost } from './stream-host.ts';

/** What a smux session has done, and what waits. */
export interface MuxStats {
  /** Streams that are open. */
  readonly streams: number;
  /** Bytes received and not read, of all streams. */
  readonly unreadBytes: number;
  /** Bytes that wait to be sent, of all streams. */
  readonly queuedBytes: number;
  /** Frames sent. */
  readonly framesSent: number;
  /** Frames received. */
  readonly framesReceived: number;
}

/**
 * Many streams over one connection: smux, version 1 or 2, as of xtaci/smux.
 *
 * - {@link Mux.open} opens a stream, {@link Mux.streams$} emits those that the peer opens.
 * - The end is typed ({@link Mux.closed$}), as that of a session is; the connection ends with it.
 * - Streams share the connection by bytes, in proportion to their `weight`.
 */
export class Mux {
  readonly #carrier: ByteCarrier;
  readonly #session: MuxSession;
  readonly #timer: QueuedTimer;
  readonly #host: StreamHost;
  readonly #streams = new Subject<MuxStream>();
  /** Streams that wait for a subscriber. */
  readonly #backlog: MuxStream[] = [];
  readonly #handles = new Map<StreamEnd, MuxStream>();
  readonly #closed = new AsyncSubject<SessionEnd>();
  readonly #stalled = new BehaviorSubject<readonly MuxStream[]>([]);
  #end: SessionEnd | undefined;
  #isCompleting = false;
  #isClosing = false;
  #isReading = false;
  /** When what is being read came. */
  #now = 0;
  #isPumping = false;
  #isHeld = false;
  /** To be called when what has left is with the connection. */
  #sent: (() => void)[] = [];

  /** Made by {@link mux}. @internal */
  constructor(carrier: ByteCarrier, settings: DriverSettings) {
    const scheduler = clockOf(settings.scheduler);
    this.#carrier = carrier;
    this.#timer = timerQueueOf(scheduler).timer(() => {
      this.#session.tick(scheduler.now());
      this.#pump();
    });
    this.#session = new MuxSession(
      settings.core,
      { accepted: (end) => this.#accept(end), ended: (error) => this.#ended(error) },
      scheduler.now(),
    );
    this.#host = {
      session: this.#session,
      sendQueueBytes: settings.sendQueueBytes,
      allowHalfOpen: settings.allowHalfOpen,
      copies: carrier.copies,
      // While something is read, it is the time at which it came: a frame each would ask for it.
      now: () => (this.#isReading ? this.#now : scheduler.now()),
      pump: () => this.#pump(),
      sent: (settle) => {
        if (this.#sent.at(-1) !== settle) this.#sent.push(settle);
      },
    };
    carrier.start({
      data: (chunk) => {
        this.#isReading = true;
        this.#now = scheduler.now();
        this.#session.input(chunk, this.#now);
        this.#isReading = false;
        this.#pump();
      },
      drained: () => this.#pump(),
      ended: (error) => this.#session.inputEnded(error),
    });
    this.#arm();
  }

  /**
   * Emits the streams that the peer opens; hot. Without a subscriber, streams wait for the next one, up to `maxStreams`.
   * Completes when the smux session has ended: {@link Mux.closed$} says how.
   */
  get streams$(): Observable<MuxStream> {
    return new Observable((subscriber) => {
      subscriber.add(this.#streams.subscribe(subscriber));
      while (!subscriber.closed) {
        const stream = this.#backlog.shift();
        if (!stream) break;
        this.#emit(stream);
      }
    });
  }

  /** Emits once, how the smux session ended, and completes; never fails. */
  get closed$(): Observable<SessionEnd> {
    return this.#closed.asObservable();
  }

  /** Whether the smux session has ended. */
  get closed(): boolean {
    return !!this.#end;
  }

  /**
   * Version 1 only: emits the streams with unread bytes when nothing more can be read because of them (`maxReceiveBuffer`), and an empty
   * array when reading goes on; the state now first. Version 2 never stalls. Completes with the session.
   */
  get stalled$(): Observable<readonly MuxStream[]> {
    return this.#stalled.asObservable();
  }

  /**
   * Opens a stream. The peer learns of it at once.
   *
   * @throws OptionError, MuxClosedError after `complete` or the end, MuxStreamLimitError, MuxIdsExhaustedError
   */
  open(options: OpenOptions = {}): MuxStream {
    const weight = requireWeight(options);
    if (this.#isCompleting) throw new MuxClosedError();
    const stream = this.#handleOf(this.#session.open(weight));
    stream.start();
    this.#pump();
    return stream;
  }

  /** Opens and accepts no more streams. When the last one has ended, the connection is completed. */
  complete(): void {
    this.#isCompleting = true;
    this.#session.isAccepting = false;
    this.#pump();
  }

  /** Ends all streams and the connection at once. The peer is told of the end of each stream, if the connection has room. */
  close(): void {
    if (this.closed) return;
    this.#isClosing = true;
    for (const stream of [...this.#handles.values()]) stream.close();
    this.#session.end();
  }

  /** What it has done, and what waits, now. */
  stats(): MuxStats {
    const { streams, unread, framesSent, framesReceived } = this.#session;
    let queuedBytes = 0;
    for (const { outgoing } of streams.values()) queuedBytes += outgoing.length;
    return { streams: streams.size, unreadBytes: unread, queuedBytes, framesSent, framesReceived };
  }

  #accept(end: StreamEnd): void {
    const stream = this.#handleOf(end);
    if (this.#streams.observed) this.#emit(stream);
    else this.#backlog.push(stream);
  }

  #emit(stream: MuxStream): void {
    this.#streams.next(stream);
    stream.start();
  }

  #handleOf(end: StreamEnd): MuxStream {
    const stream = new MuxStream(this.#host, end);
    this.#handles.set(end, stream);
    stream.closed$.subscribe(() => this.#handles.delete(end));
    return stream;
  }

  /** Sends what there is room for, and then what that leads to. */
  #pump(): void {
    if (this.#isPumping || this.#isReading) return;
    this.#isPumping = true;
    const session = this.#session;
    while (session.hasOutput && !this.#carrier.isFull) {
      const pieces: Uint8Array[] = [];
      session.take(this.#carrier.writeMax, pieces, this.#host.now());
      if (pieces.length > 0) this.#carrier.write(pieces);
      const sent = this.#sent;
      this.#sent = [];
      for (const settle of sent) settle();
      if (pieces.length === 0) break;
    }
    this.#isPumping = false;
    this.#updateReading();
    if (this.#isCompleting && session.streams.size === 0 && !session.hasOutput) session.end();
    else this.#arm();
  }

  /** Stops reading while too much is unread, in version 1. */
  #updateReading(): void {
    const { isFull } = this.#session;
    if (isFull === this.#isHeld) return;
    this.#isHeld = isFull;
    if (isFull) this.#carrier.hold();
    else this.#carrier.release();
    const unread = [...this.#handles].filter(([end]) => end.incoming.length > 0);
    this.#stalled.next(isFull ? unread.map(([, stream]) => stream) : []);
  }

  #arm(): void {
    if (this.#timer.place < 0 || this.#session.isWaiting) this.#timer.set(this.#session.nextTimeout(this.#host.now()));
  }

  #ended(error: unknown): void {
    const isOurs = this.#isCompleting || this.#isClosing;
    if (error !== undefined) this.#end = { reason: 'failed', error };
    else if (this.#isClosing) this.#end = { reason: 'closed' };
    else this.#end = { reason: isOurs ? 'completed' : 'peer' };
    Object.freeze(this.#end);
    this.#timer.set(undefined);
    if (this.#isCompleting && error === undefined && !this.#isClosing) this.#carrier.finish();
    else this.#carrier.close();
    this.#closed.next(this.#end);
    this.#closed.complete();
    this.#stalled.complete();
    this.#streams.complete();
  }
}

/**
 * Runs smux over a connection: many streams, each with an end that the peer sees, and a keepalive.
 *
 * Compatible with xtaci/smux v1.5 in both versions, and so with kcptun; docs/mux.md says how it differs. smux has no handshake: both ends
 * are configured with the same version, and one is the client. The session to run it over should be in stream mode (`stream: true`).
 *
 * @example
 * connect({ port: 4000, stream: true }).subscribe(session => {
 *   const stream = mux(session, { role: 'client' }).open();
 *   stream.subscribe({ next: bytes => console.log(bytes), error: console.error });
 *   stream.next(hello);
 *   stream.complete();
 * });
 *
 * @param carrier a session, a `Duplex` of Node, or a pair of web streams. It is the smux session's alone from now on, and ends with it.
 * @param options see {@link MuxOptions}.
 * @throws OptionError naming the option that is wrong.
 * @see smux mux.go, Client, Server.
 */
export function mux(carrier: MuxCarrier, options: MuxOptions): Mux {
  const settings = driverSettings(options);
  return new Mux(carrierOf(carrier), settings);
}
