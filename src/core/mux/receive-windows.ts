// What peers may send: the windows of the streams, and the memory that all of them share.
//
// A window begins at 256 KiB, which a peer takes for granted. It doubles when the reader takes half of it within eight round trips: then
// the window, and not the reader, may be what limits the stream. (Two would do on a path without losses. A lost packet holds up all that
// came behind it for a few round trips more, and that is not the reader's doing.) Once a stream has needed a large window, the path is known:
// the windows of others grow to that at once. All windows together grow by no more than `maxReceiveBuffer`; and a window is never told larger
// than half of what is free of that.

import { firstWindow, type MuxSettings, WINDOW_MIN } from './settings.ts';
import type { StreamEnd } from './stream-end.ts';

/** Shortest round trip assumed, ms: what is faster needs no larger window. */
const ROUND_TRIP_MIN = 1;
/** Round trips within which a reader that a window limits takes half of it. */
const ROUND_TRIPS_MAX = 8;
/** Bytes after which the peer is told at the latest: of a large window it is not to wait for half, in bursts of as much. */
const SILENT_MAX = 262_144;

export class ReceiveWindows {
  readonly #settings: MuxSettings;
  readonly #first: number;
  /** Unread bytes of all streams. */
  unread = 0;
  /** Bytes that all windows have grown by. */
  #grown = 0;
  /** The largest window that was needed. */
  #needed = 0;
  /** Shortest time from a window update to bytes that it has let through, ms. */
  #roundTrip = Number.POSITIVE_INFINITY;

  constructor(settings: MuxSettings) {
    this.#settings = settings;
    this.#first = firstWindow(settings);
  }

  /** Bytes have arrived: those beyond the limit before the last update were sent after that had arrived. */
  arrived(stream: StreamEnd, now: number): void {
    if (stream.received <= stream.probeLimit) return;
    stream.probeLimit = Number.POSITIVE_INFINITY;
    this.#roundTrip = Math.min(this.#roundTrip, now - stream.probedAt);
  }

  /** Bytes were read. Returns whether the peer has to be told: at the first read, then each time half of the window is read, or 256 KiB. */
  consumed(stream: StreamEnd, bytes: number, now: number): boolean {
    const half = stream.window / 2;
    this.unread -= bytes;
    stream.consumed += bytes;
    const since = stream.consumed - stream.toldConsumed;
    const isFirst = Number.isNaN(since);
    const isHalf = stream.consumed - stream.spanConsumed >= half;
    if (isHalf && !isFirst) this.#grow(stream, now);
    if (isHalf || isFirst) {
      stream.spanConsumed = stream.consumed;
      stream.spanAt = now;
    }
    return isFirst || since >= Math.min(half, SILENT_MAX);
  }

  /** The window to tell the peer at `now`. */
  tell(stream: StreamEnd, now: number): number {
    const { maxReceiveBuffer } = this.#settings;
    const free = Math.max(maxReceiveBuffer - this.unread, 0);
    const window = Math.min(stream.window, Math.max(free >>> 1, WINDOW_MIN));
    stream.toldConsumed = stream.consumed;
    // One at a time: a loss lets many updates leave before anything that they have let through can arrive.
    if (stream.probeLimit === Number.POSITIVE_INFINITY) {
      stream.probeLimit = stream.limit;
      stream.probedAt = now;
    }
    // What the peer was told before holds: it may have sent so much already.
    stream.limit = Math.max(stream.limit, stream.consumed + window);
    return window;
  }

  /** What is unread of the stream is dropped. */
  drop(stream: StreamEnd): void {
    this.unread -= stream.incoming.length;
    stream.incoming.clear();
  }

  /** The stream needs no window any more. */
  release(stream: StreamEnd): void {
    this.#grown -= stream.window - this.#first;
    stream.window = this.#first;
  }

  #grow(stream: StreamEnd, now: number): void {
    const { maxStreamBuffer, maxReceiveBuffer } = this.#settings;
    if (this.#roundTrip === Number.POSITIVE_INFINITY) return;
    if (now - stream.spanAt > ROUND_TRIPS_MAX * Math.max(this.#roundTrip, ROUND_TRIP_MIN)) return;
    const left = maxReceiveBuffer - this.#grown;
    // A leap leaves half of the memory for others.
    const wanted = Math.max(stream.window, Math.min(this.#needed - stream.window, left / 2));
    const more = Math.floor(Math.min(wanted, maxStreamBuffer - stream.window, left));
    stream.window += more;
    this.#grown += more;
    this.#needed = Math.max(this.#needed, stream.window);
  }
}
