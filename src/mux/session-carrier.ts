// A session as what carries a smux session.

import { freshBytes } from '#memory';
import { viewOf } from '../bytes/int.ts';
import type { Session } from '../session/session.ts';
import type { ByteCarrier, CarrierSink } from './byte-carrier.ts';

/** Bytes handed over at a time: some dozen segments. What is with the session already cannot be overtaken. */
const WRITE_MAX = 32_768;

/** More pieces than that are joined first: to copy them twice costs less than to cut each into segments. */
const PIECES_MAX = 4;

export class SessionCarrier implements ByteCarrier {
  readonly copies = true;
  readonly #memory = reused();
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** As it is now: `congested$` tells of it when the session has done what it is about, which may be to deliver what made for this. */
  get isFull(): boolean {
    return this.#session.pipeline.arq.congested;
  }

  get writeMax(): number {
    const { block } = this.#session.pipeline.arq;
    // Whole segments. Of a session with messages, a frame may be a whole one.
    return Math.min(WRITE_MAX - (WRITE_MAX % block.mss), block.messageMax);
  }

  start(sink: CarrierSink): void {
    const session = this.#session;
    // What the session delivers is read when `data` returns. Another subscriber, against the rules, may keep it.
    const lent = reused();
    session.pipeline.arq.block.receiving.memory = (length) =>
      session.demand.isShared ? freshBytes(length) : lent(length);
    session.congested$.subscribe((isFull) => {
      if (!isFull) sink.drained();
    });
    session.subscribe({
      next: (chunk) => sink.data(chunk),
      error: (error) => sink.ended(error),
      complete: () => {
        if (session.closed) session.closed$.subscribe(({ error }) => sink.ended(error));
        else sink.ended();
      },
    });
  }

  write(pieces: Uint8Array[]): void {
    this.#session.next(pieces.length > PIECES_MAX ? this.#joined(pieces) : pieces);
  }

  /** The pieces in one, until the next call. */
  #joined(pieces: readonly Uint8Array[]): Uint8Array {
    const joined = this.#memory(pieces.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const piece of pieces) {
      joined.set(piece, offset);
      offset += piece.length;
    }
    return joined;
  }

  hold(): void {
    this.#session.demand.hold();
  }

  release(): void {
    this.#session.demand.release();
  }

  finish(): void {
    this.#session.complete();
  }

  close(): void {
    this.#session.close();
  }
}

/** The same memory each time, as long as it is large enough. */
function reused(): (length: number) => Uint8Array {
  let memory = new Uint8Array(0);
  return (length) => {
    if (memory.length < length) memory = new Uint8Array(length);
    return memory.length === length ? memory : viewOf(memory, 0, length);
  };
}
