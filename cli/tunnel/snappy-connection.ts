// A session with a snappy framing stream in each direction, as kcptun puts it between smux and KCP: what smux runs over.

import { EventEmitter } from 'node:events';
import type { Session } from 'rxkcp';
import type { DuplexLike } from 'rxkcp/mux';
import { SnappyDecoder, STREAM_IDENTIFIER, snappyChunk } from './snappy-framing.ts';

/** Most bytes of a chunk before compression (framing format, section 4.2). */
const CHUNK_MAX = 65_536;

export class SnappyConnection extends EventEmitter implements DuplexLike {
  readonly #session: Session;
  readonly #decoder = new SnappyDecoder();
  /** What is written between `cork` and `uncork`: one chunk. */
  #corked: Uint8Array[] = [];
  #hasBegun = false;
  writableNeedDrain = false;
  destroyed = false;
  writable = true;

  constructor(session: Session) {
    super();
    this.#session = session;
    session.congested$.subscribe((isFull) => {
      this.writableNeedDrain = isFull;
      if (!isFull) this.emit('drain');
    });
    session.subscribe({
      next: (bytes) => this.#take(bytes),
      error: (error) => this.#over(error),
      complete: () => this.#over(undefined),
    });
  }

  write(bytes: Uint8Array): boolean {
    this.#corked.push(bytes);
    return !this.writableNeedDrain;
  }

  cork(): void {}

  /** Compresses what was written, so that it leaves at once. */
  uncork(): void {
    const written = this.#corked.length === 1 ? this.#corked[0]! : Buffer.concat(this.#corked);
    this.#corked = [];
    const message: Uint8Array[] = [];
    if (!this.#hasBegun) message.push(STREAM_IDENTIFIER);
    this.#hasBegun = true;
    for (let at = 0; at < written.length; at += CHUNK_MAX)
      message.push(...snappyChunk(written.subarray(at, at + CHUNK_MAX)));
    this.#session.next(message);
  }

  end(): void {
    this.#session.complete();
  }

  destroy(): void {
    this.destroyed = true;
    this.#session.close();
  }

  pause(): void {
    this.#session.pause();
  }

  resume(): void {
    this.#session.resume();
  }

  #take(bytes: Uint8Array): void {
    try {
      for (const chunk of this.#decoder.decode(bytes)) this.emit('data', chunk);
    } catch (error) {
      this.#session.error(error);
    }
  }

  #over(error: unknown): void {
    this.writable = false;
    if (error === undefined) this.emit('end');
    else this.emit('error', error);
    this.emit('close');
  }
}
