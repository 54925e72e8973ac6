// A stream of Node as what carries a smux session: by what tells it from other things, for this file is read where there is no Node, too.

import type { ByteCarrier, CarrierSink } from './byte-carrier.ts';

/** A `Duplex` of Node, such as a socket, without other readers and writers. */
export interface DuplexLike {
  /** Calls `listener` with bytes that have arrived. */
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  /** Calls `listener` when it fails. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Calls `listener` when there is room again, and when it has ended. */
  on(event: 'drain' | 'end' | 'close', listener: () => void): unknown;
  /** Sends bytes. Returns whether there is room for more. */
  write(chunk: Uint8Array): boolean;
  /** Sends nothing more. */
  end(): unknown;
  /** Ends it at once. */
  destroy(): unknown;
  /** Stops reading. */
  pause(): unknown;
  /** Goes on reading. */
  resume(): unknown;
  /** Gathers what is written until `uncork`. */
  cork(): void;
  /** Sends what was gathered. */
  uncork(): void;
  /** Whether it was ended at once. */
  readonly destroyed: boolean;
  /** Whether it may be written to. */
  readonly writable: boolean;
  /** Whether it has no room. */
  readonly writableNeedDrain: boolean;
}

export class DuplexCarrier implements ByteCarrier {
  readonly copies = false;
  readonly writeMax = 65_536;
  readonly #duplex: DuplexLike;

  constructor(duplex: DuplexLike) {
    this.#duplex = duplex;
  }

  get isFull(): boolean {
    return this.#duplex.writableNeedDrain;
  }

  start(sink: CarrierSink): void {
    const duplex = this.#duplex;
    duplex.on('data', (chunk: Uint8Array) => sink.data(chunk));
    duplex.on('drain', () => sink.drained());
    duplex.on('end', () => sink.ended());
    duplex.on('error', (error: Error) => sink.ended(error));
    duplex.on('close', () => sink.ended());
    if (duplex.destroyed) sink.ended();
  }

  write(pieces: Uint8Array[]): void {
    if (!this.#duplex.writable) return;
    this.#duplex.cork();
    for (const piece of pieces) this.#duplex.write(piece);
    this.#duplex.uncork();
  }

  hold(): void {
    this.#duplex.pause();
  }

  release(): void {
    this.#duplex.resume();
  }

  finish(): void {
    this.#duplex.end();
  }

  close(): void {
    this.#duplex.destroy();
  }
}
