// A pair of web streams as what carries a smux session.

import type { ByteCarrier, CarrierSink } from './byte-carrier.ts';

/** The two directions of a connection, such as those of a WebTransport stream, without other readers and writers. */
export interface WebStreamsLike {
  /** What comes in. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What goes out. */
  readonly writable: WritableStream<Uint8Array>;
}

export class WebCarrier implements ByteCarrier {
  // What was written is joined to one chunk.
  readonly copies = true;
  readonly writeMax = 65_536;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #sink: CarrierSink | undefined;
  isFull = false;
  /** Goes on with reading, while that is held. */
  #isHeld = false;
  #resume = (): void => {};

  constructor({ readable, writable }: WebStreamsLike) {
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
  }

  start(sink: CarrierSink): void {
    this.#sink = sink;
    this.#read().catch((error) => sink.ended(error));
    this.#writer.closed.catch((error) => sink.ended(error));
  }

  write(pieces: Uint8Array[]): void {
    const bytes = new Uint8Array(pieces.reduce((total, { length }) => total + length, 0));
    let offset = 0;
    for (const piece of pieces) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    const failed = (error: unknown): void => this.#sink?.ended(error);
    this.isFull = true;
    this.#writer.write(bytes).catch(failed);
    this.#writer.ready.then(() => {
      this.isFull = false;
      this.#sink?.drained();
    }, failed);
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#resume();
  }

  finish(): void {
    this.#writer.close().catch(() => {});
  }

  close(): void {
    this.#writer.abort().catch(() => {});
    this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<void> {
    for (;;) {
      if (this.#isHeld) await new Promise<void>((resolve) => (this.#resume = resolve));
      const { done, value } = await this.#reader.read();
      if (done) break;
      this.#sink?.data(value);
    }
    this.#sink?.ended();
  }
}
