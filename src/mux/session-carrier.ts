// A session as what carries a smux session.

import type { Session } from '../session/session.ts';
import type { ByteCarrier, CarrierSink } from './byte-carrier.ts';

/** Bytes handed over at a time: some dozen segments. What is with the session already cannot be overtaken. */
const WRITE_MAX = 32_768;

export class SessionCarrier implements ByteCarrier {
  readonly copies = true;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** As it is now: `congested$` tells of it when the session has done what it is about, which may be to deliver what made for this. */
  get isFull(): boolean {
    return this.#session.pipeline.arq.congested;
  }

  get writeMax(): number {
    // Of a session with messages, a frame may be a whole one.
    return Math.min(WRITE_MAX, this.#session.messageMax);
  }

  start(sink: CarrierSink): void {
    const session = this.#session;
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
    this.#session.next(pieces);
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
