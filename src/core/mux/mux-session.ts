// A smux session without I/O: bytes and a `now` in ms.

import { freshBytes } from '#memory';
import {
  MuxClosedError,
  MuxConsumedError,
  MuxFloodError,
  MuxIdsExhaustedError,
  MuxKeepAliveError,
  MuxPeerClosedError,
  MuxStreamLimitError,
  MuxTruncatedError,
  MuxWindowError,
} from './errors.ts';
import { FIN, SYN } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import type { MuxOwner } from './mux-owner.ts';
import { Outbox } from './outbox.ts';
import { ReceiveWindows } from './receive-windows.ts';
import { firstWindow, type MuxSettings } from './settings.ts';
import { StreamEnd } from './stream-end.ts';

/** Refusals that may wait to be sent. */
const REFUSALS_MAX = 1024;
const ID_MAX = 0xffff_ffff;
/** ms by which `tick` may be late before that excuses the peer's silence. */
const LATE_MAX = 1000;

/**
 * A smux session without I/O. Whoever drives it hands in what arrives (`input`), takes what is to be sent while the connection has room
 * (`take`), and calls `tick` at `nextTimeout`. `rxkcp/mux` is such a driver. All times are ms of one clock.
 *
 * @see smux session.go.
 */
export class MuxSession {
  /** How it was set up. */
  readonly settings: MuxSettings;
  readonly #owner: MuxOwner;
  readonly #reader: FrameReader;
  readonly #outbox: Outbox;
  readonly #windows: ReceiveWindows;
  readonly #hasWindows: boolean;
  readonly #streams = new Map<number, StreamEnd>();
  /** Streams that one side has finished, and this one has not said so: those whose peer may have closed them without a word. */
  readonly #halfClosed = new Set<StreamEnd>();
  #lastId: number;
  /** The time, as the last call said. */
  #now: number;
  /** When something arrived last. */
  #heardAt: number;
  #keptAliveAt: number;
  #isOver = false;
  /** Whether streams that the peer opens are accepted. */
  isAccepting = true;
  /** Frames received. */
  framesReceived = 0;

  /**
   * @param lastId the id before the first one of this end. By default 1 for a client and 0 for a server: the counter is raised before it is
   * used (smux session.go, OpenStream).
   */
  constructor(settings: MuxSettings, owner: MuxOwner, now: number, lastId = settings.role === 'client' ? 1 : 0) {
    this.settings = settings;
    this.#owner = owner;
    this.#hasWindows = settings.version === 2;
    this.#windows = new ReceiveWindows(settings);
    this.#outbox = new Outbox(settings, this.#windows, (stream) => this.#settle(stream));
    this.#lastId = lastId;
    this.#now = this.#heardAt = this.#keptAliveAt = now;
    this.#reader = new FrameReader(settings.version, {
      control: (command, id) => this.#control(command, id),
      update: (id, consumed, window) => this.#update(id, consumed, window),
      begin: (id, length) => this.#begin(id, length),
      data: (id, bytes) => this.#data(id, bytes),
    });
  }

  /** Streams that are open. */
  get streams(): ReadonlyMap<number, StreamEnd> {
    return this.#streams;
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes received and not read. */
  get unread(): number {
    return this.#windows.unread;
  }

  /** Frames sent. */
  get framesSent(): number {
    return this.#outbox.frames;
  }

  /** Whether nothing more must be read from the connection: in version 1, while as much is unread as may be. */
  get isFull(): boolean {
    return !this.#hasWindows && this.unread >= this.settings.maxReceiveBuffer;
  }

  /** Whether `take` may return something. */
  get hasOutput(): boolean {
    return this.#outbox.isWanted && !this.#isOver;
  }

  /** Whether time is about to tell something of a stream: then `nextTimeout` changes with what is sent and received. */
  get isWaiting(): boolean {
    return this.#halfClosed.size > 0;
  }

  /**
   * Opens a stream.
   *
   * @throws MuxClosedError, MuxIdsExhaustedError, MuxStreamLimitError
   */
  open(weight: number): StreamEnd {
    const { maxStreams } = this.settings;
    if (this.#isOver) throw new MuxClosedError();
    if (this.#streams.size >= maxStreams) throw new MuxStreamLimitError(maxStreams);
    do {
      if (this.#lastId + 2 > ID_MAX) throw new MuxIdsExhaustedError();
      this.#lastId += 2;
      // One that the peer has taken, against the rules, is not ours.
    } while (this.#streams.has(this.#lastId));
    const stream = this.#add(this.#lastId);
    stream.weight = weight;
    this.#outbox.open(stream);
    return stream;
  }

  /** Queues bytes, which stay as they are until they are sent, or the caller has called `stream.outgoing.own`. */
  write(stream: StreamEnd, bytes: Uint8Array): void {
    stream.outgoing.push(bytes);
    this.#outbox.wake(stream);
  }

  /** Nothing more will be written: sends FIN behind what is queued. */
  finish(stream: StreamEnd): void {
    if (stream.isFinishing) return;
    stream.isFinishing = true;
    this.#outbox.wake(stream);
  }

  /** Nothing more will be written or read: what is unread or still to come is dropped; what is queued is sent. */
  close(stream: StreamEnd, now: number): void {
    if (stream.isClosed) return;
    stream.isClosed = true;
    this.#windows.drop(stream);
    if (stream.isForgotten) return;
    this.#now = stream.heardAt = now;
    stream.isFinishing = true;
    if (!stream.hasFinished) this.#halfClosed.add(stream);
    this.#outbox.wake(stream);
    this.#over(stream);
  }

  /** Takes up to `most` bytes of what arrived next of a stream; undefined if nothing waits. */
  read(stream: StreamEnd, now: number, most = Number.POSITIVE_INFINITY): Uint8Array | undefined {
    const bytes = stream.incoming.shift(most);
    if (!bytes) return undefined;
    const { isFull } = this;
    const isDue = this.#windows.consumed(stream, bytes.length, now);
    if (isDue && this.#hasWindows && !stream.peerFinished && !stream.isForgotten) this.#outbox.update(stream);
    // While nothing was read, nothing could be heard.
    if (isFull && !this.isFull) this.#heardAt = now;
    return bytes;
  }

  /** Takes what arrived. It is lent for the duration of the call. A violation ends the session. */
  input(chunk: Uint8Array, now: number): void {
    if (this.#isOver) return;
    this.#now = this.#heardAt = now;
    try {
      this.#reader.read(chunk);
    } catch (error) {
      this.end(error);
    }
  }

  /** Nothing more will arrive. With `error`, the connection has failed. */
  inputEnded(error?: unknown): void {
    const { partial } = this.#reader;
    this.end(error ?? (partial > 0 ? new MuxTruncatedError(partial) : undefined));
  }

  /**
   * Takes frames to be sent next, about `most` bytes of them, appended to `pieces`. These are views of what was handed to `write`, and
   * of memory that is not written to again.
   */
  take(most: number, pieces: Uint8Array[], now: number): void {
    if (!this.#isOver) this.#outbox.take(most, pieces, now);
  }

  /** ms until `tick` has something to do; undefined: never. */
  nextTimeout(now: number): number | undefined {
    if (this.#isOver) return undefined;
    const { keepAliveInterval, keepAliveTimeout, closeTimeout } = this.settings;
    let at = Number.POSITIVE_INFINITY;
    if (keepAliveInterval > 0) at = this.#keptAliveAt + keepAliveInterval;
    if (keepAliveTimeout > 0 && !this.isFull) at = Math.min(at, this.#heardAt + keepAliveTimeout);
    for (const stream of this.#stuck()) at = Math.min(at, stream.heardAt + closeTimeout);
    return at === Number.POSITIVE_INFINITY ? undefined : Math.max(at - now, 0);
  }

  /** Does what is due: keepalives, and what the peer's silence means. */
  tick(now: number): void {
    if (this.#isOver) return;
    this.#now = now;
    const { keepAliveInterval, keepAliveTimeout, closeTimeout } = this.settings;
    const silence = now - this.#heardAt;
    if (keepAliveTimeout > 0 && silence >= keepAliveTimeout && !this.isFull) {
      if (silence < keepAliveTimeout + LATE_MAX) {
        this.end(new MuxKeepAliveError(Math.round(silence)));
        return;
      }
      // Who was held up has not heard what may have arrived meanwhile.
      this.#heardAt = now - keepAliveTimeout + LATE_MAX;
    }
    if (keepAliveInterval > 0 && now - this.#keptAliveAt >= keepAliveInterval) {
      this.#keptAliveAt = now;
      this.#outbox.keepAlive();
    }
    for (const stream of this.#stuck()) if (now - stream.heardAt >= closeTimeout) this.#giveUp(stream);
  }

  /** The session is over, with all its streams. */
  end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reader.stop();
    for (const stream of [...this.#streams.values()]) {
      this.#forget(stream);
      this.#over(stream, error ?? new MuxClosedError());
    }
    this.#owner.ended(error);
  }

  #control(command: number, id: number): void {
    this.framesReceived++;
    if (command === SYN) this.#accept(id);
    else if (command === FIN) this.#finished(id);
  }

  #accept(id: number): void {
    if (this.#streams.has(id)) return;
    if (this.isAccepting && this.#streams.size < this.settings.maxStreams) {
      this.#owner.accepted(this.#add(id));
      return;
    }
    const { refusals } = this.#outbox;
    if (refusals >= REFUSALS_MAX) throw new MuxFloodError(refusals);
    this.#outbox.refuse(id);
  }

  #finished(id: number): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    stream.heardAt = this.#now;
    if (stream.peerFinished) {
      // Whoever says so twice has closed the stream (smux stream.go, Close after CloseWrite).
      const isCut = stream.outgoing.length > 0;
      this.#forget(stream);
      this.#over(stream, isCut ? new MuxPeerClosedError(id) : undefined);
      return;
    }
    stream.peerFinished = true;
    if (!stream.hasFinished) this.#halfClosed.add(stream);
    stream.owner?.readable();
    this.#settle(stream);
  }

  #update(id: number, consumed: number, window: number): void {
    this.framesReceived++;
    const stream = this.#streams.get(id);
    if (!stream) return;
    const inFlight = (stream.written - consumed) | 0;
    if (inFlight < 0) throw new MuxConsumedError(id, -inFlight);
    stream.peerConsumed = consumed;
    stream.peerWindow = window;
    stream.heardAt = this.#now;
    this.#outbox.wake(stream);
  }

  #begin(id: number, length: number): Uint8Array | undefined {
    this.framesReceived++;
    const stream = this.#streams.get(id);
    if (!stream || stream.peerFinished) return undefined;
    stream.received += length;
    const excess = stream.received - stream.limit;
    if (this.#hasWindows && excess > 0) throw new MuxWindowError(id, excess);
    this.#windows.arrived(stream, this.#now);
    return stream.isClosed ? undefined : freshBytes(length);
  }

  #data(id: number, bytes: Uint8Array): void {
    const stream = this.#streams.get(id);
    if (!stream || stream.isClosed) return;
    stream.incoming.push(bytes);
    this.#windows.unread += bytes.length;
    stream.owner?.readable();
  }

  #add(id: number): StreamEnd {
    const stream = new StreamEnd(id, firstWindow(this.settings));
    this.#streams.set(id, stream);
    return stream;
  }

  /** Streams with something to send and a full window, while the peer may have no reader any more. */
  #stuck(): StreamEnd[] {
    if (this.#halfClosed.size === 0 || this.settings.closeTimeout === 0) return [];
    return [...this.#halfClosed].filter((stream) => stream.outgoing.length > 0 && stream.room(this.#hasWindows) === 0);
  }

  /** The peer does not read what is sent: drops it. */
  #giveUp(stream: StreamEnd): void {
    stream.outgoing.clear();
    stream.isFinishing = true;
    this.#outbox.wake(stream);
    this.#over(stream, new MuxPeerClosedError(stream.id));
  }

  /** Forgets a stream when all is said. */
  #settle(stream: StreamEnd): void {
    if (!stream.hasFinished) return;
    this.#halfClosed.delete(stream);
    if (!stream.peerFinished && !stream.isClosed) return;
    this.#forget(stream);
    this.#over(stream);
  }

  #forget(stream: StreamEnd): void {
    stream.isForgotten = true;
    stream.outgoing.clear();
    this.#halfClosed.delete(stream);
    this.#streams.delete(stream.id);
    this.#windows.release(stream);
  }

  #over(stream: StreamEnd, error?: unknown): void {
    if (stream.isOver) return;
    stream.isOver = true;
    stream.owner?.over(error);
  }
}
