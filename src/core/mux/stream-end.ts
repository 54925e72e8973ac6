// One stream as the session sees it: what waits to be sent, what is unread, and the windows of both directions.

import { Chunks } from './chunks.ts';
import { INITIAL_WINDOW } from './frame.ts';

/** What the owner of a stream is told. Calls come from within calls of the session; each may call back. */
export interface StreamOwner {
  /** There is something to read, or the end. */
  readable(): void;
  /** Bytes were handed to the connection: {@link StreamEnd.written} in all. They leave in the order in which they came. */
  sent(): void;
  /**
   * Both directions have ended. With `error`, before they were to: the session has ended, or the peer reads no more. What is unread can
   * still be read, unless this end has closed the stream.
   */
  over(error?: unknown): void;
}

/** One end of one stream. Written to by its session only, apart from `owner` and `weight`. */
export class StreamEnd {
  /** Its number, 1 … 4294967295. */
  readonly id: number;
  /** Who is told what happens. */
  owner: StreamOwner | undefined;
  /** Share of the connection, relative to other streams that have something to send. */
  weight = 1;

  /** What waits to be sent. @internal */
  readonly outgoing = new Chunks();
  /** Bytes sent. */
  written = 0;
  /** Bytes that may be sent beyond those the peer has consumed, as the peer said last (version 2). */
  peerWindow = INITIAL_WINDOW;
  /** Bytes that the peer has consumed, as it said last, modulo 2^32. */
  peerConsumed = 0;
  /** When the peer said so, or wrote no more: from then on it may have closed the stream without a word. @internal */
  heardAt = 0;
  /** Whether no more bytes are taken. */
  isFinishing = false;
  /** Whether FIN is sent. */
  hasFinished = false;
  /** Whether this end was closed: what comes is dropped, and the peer is told by a second FIN. */
  isClosed = false;

  /** Unread bytes. @internal */
  readonly incoming = new Chunks();
  /** Bytes received since the stream began. */
  received = 0;
  /** Bytes of those that were read. */
  consumed = 0;
  /** Bytes that the peer may send in all, by what it was told. */
  limit = INITIAL_WINDOW;
  /** Bytes that may be on the way to this end while there is room for them. */
  window: number;
  /** Bytes consumed when the peer was last told; not a number before it was told anything. @internal */
  toldConsumed = Number.NaN;
  /** Bytes consumed when half of the window was last read, and when that was. @internal */
  spanConsumed = 0;
  /** @internal */
  spanAt = 0;
  /** The limit before a window update, and when that was sent: what arrives beyond it was sent after the update had arrived. @internal */
  probeLimit = Number.POSITIVE_INFINITY;
  /** @internal */
  probedAt = 0;
  /** Whether the peer has written all it will. */
  peerFinished = false;

  /** Whether the owner was told that it is over. */
  isOver = false;
  /** Whether the session knows it no more. */
  isForgotten = false;

  /** Whether it waits for its turn (turns.ts). @internal */
  isWaiting = false;
  /** Bytes that it may still send in its turn. @internal */
  credit = 0;
  /** Whether a SYN is due. @internal */
  owesSyn = false;
  /** Whether a window update is due. @internal */
  owesUpdate = false;

  constructor(id: number, window: number) {
    this.id = id;
    this.window = window;
  }

  /** Bytes that the window of the peer has room for; `Infinity` in version 1. */
  room(hasWindows: boolean): number {
    if (!hasWindows) return Number.POSITIVE_INFINITY;
    return Math.max((this.peerWindow | 0) - ((this.written - this.peerConsumed) | 0), 0);
  }
}
