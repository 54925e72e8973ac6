// What peers may send: the windows of the streams, and the memory that all of them share.
//
// A window begins at 256 KiB, which a peer takes for granted. It doubles when the reader takes half of it within two round trips: then
// the window, and not the reader, is what limits the stream. All windows together grow by no more than `maxReceiveBuffer`; and a window is
// never told larger than half of what is free of that.

import { firstWindow, type MuxSettings, WINDOW_MIN } from './settings.ts';
import type { StreamEnd } from './stream-end.ts';

/** Shortest round trip assumed, ms: what is faster needs no larger window. */
const ROUND_TRIP_MIN = 1;

export class ReceiveWindows {
  readonly #settings: MuxSettings;
  readonly #first: number;
  /** Bytes that nobody has read, of all streams. */
  unread = 0;
  /** Bytes that all windows have grown by. */
  #grown = 0;
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
    this.#roundTrip = Math.min(this.#roundTrip, now - stream.toldAt);
  }

  /** Bytes were read. Returns whether the peer has to be told: at the first read, then each time half of the window is read. */
  consumed(stream: StreamEnd, bytes: number, now: number): boolean {
    this.unread -= bytes;
    stream.consumed += bytes;
    const since = stream.consumed - stream.toldConsumed;
    if (Number.isNaN(since)) return true;
    if (since < stream.window / 2) return false;
    this.#grow(stream, now);
    return true;
  }

  /** The window to tell the peer at `now`. */
  tell(stream: StreamEnd, now: number): number {
    const { maxReceiveBuffer } = this.#settings;
    const free = Math.max(maxReceiveBuffer - this.unread, 0);
    const window = Math.min(stream.window, Math.max(free >>> 1, WINDOW_MIN));
    stream.toldConsumed = stream.consumed;
    stream.toldAt = now;
    stream.probeLimit = stream.limit;
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
    if (now - stream.toldAt > 2 * Math.max(this.#roundTrip, ROUND_TRIP_MIN)) return;
    const more = Math.min(stream.window, maxStreamBuffer - stream.window, maxReceiveBuffer - this.#grown);
    stream.window += more;
    this.#grown += more;
  }
}
