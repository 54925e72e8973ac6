// Bytes that wait, in the pieces in which they came.

import { freshBytes } from '#memory';
import { viewOf } from '../../bytes/int.ts';

export class Chunks {
  #chunks: Uint8Array[] = [];
  #first = 0;
  /** Bytes of the first chunk that are gone. */
  #offset = 0;
  /** Bytes that wait. */
  length = 0;

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** Takes what is left of the oldest chunk, up to `most` bytes. */
  shift(most: number): Uint8Array | undefined {
    const chunk = this.#chunks[this.#first];
    return chunk && this.#take(chunk, Math.min(chunk.length - this.#offset, most));
  }

  /** Takes up to `most` bytes, appended to `pieces` as views. Returns how many. */
  take(most: number, pieces: Uint8Array[]): number {
    let taken = 0;
    while (taken < most) {
      const chunk = this.#chunks[this.#first];
      if (!chunk) break;
      const piece = this.#take(chunk, Math.min(chunk.length - this.#offset, most - taken));
      taken += piece.length;
      pieces.push(piece);
    }
    return taken;
  }

  /** Replaces what is left of chunks that came after the first `kept` bytes: they are lent. */
  own(kept: number): void {
    let before = -this.#offset;
    for (let i = this.#first; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i] as Uint8Array;
      if (before + chunk.length > kept) {
        const isFirst = i === this.#first;
        const left = isFirst ? chunk.subarray(this.#offset) : chunk;
        const copy = freshBytes(left.length);
        copy.set(left);
        this.#chunks[i] = copy;
        if (isFirst) this.#offset = 0;
      }
      before += chunk.length;
    }
  }

  clear(): void {
    this.#chunks = [];
    this.#first = this.#offset = this.length = 0;
  }

  #take(chunk: Uint8Array, count: number): Uint8Array {
    const piece = count === chunk.length ? chunk : viewOf(chunk, this.#offset, count);
    this.#offset += count;
    this.length -= count;
    if (this.#offset === chunk.length) this.#drop();
    return piece;
  }

  #drop(): void {
    this.#chunks[this.#first++] = undefined as unknown as Uint8Array;
    this.#offset = 0;
    if (2 * this.#first < this.#chunks.length) return;
    this.#chunks = this.#chunks.slice(this.#first);
    this.#first = 0;
  }
}
