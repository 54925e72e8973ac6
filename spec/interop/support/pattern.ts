// Bytes to send that a receiver can tell apart from any others, and from themselves in another place.

const BLOCK = 1 << 20;
const STAMP = 1 << 10;

/** mulberry32: numbers 0 … 2^32 − 1 that depend on the seed alone. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/**
 * An endless stream of bytes, the same for the same seed however it is cut. Random numbers are drawn for one block
 * only; its repetitions differ by a count stamped into every KiB, which shows misplaced segments and costs nothing.
 */
export class Pattern {
  readonly #block = new Uint8Array(BLOCK);
  #position = 0;
  #stamps = 0;

  constructor(seed: number) {
    const random = randomNumbers(seed);
    const words = new DataView(this.#block.buffer);
    for (let offset = 0; offset < BLOCK; offset += 4) words.setUint32(offset, random(), true);
    this.#stamp();
  }

  /** The next bytes, the caller's for good. */
  take(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let taken = 0; taken < length; ) {
      if (this.#position === BLOCK) {
        this.#position = 0;
        this.#stamp();
      }
      const piece = this.#block.subarray(this.#position, this.#position + length - taken);
      bytes.set(piece, taken);
      taken += piece.length;
      this.#position += piece.length;
    }
    return bytes;
  }

  #stamp(): void {
    const words = new DataView(this.#block.buffer);
    for (let offset = 0; offset < BLOCK; offset += STAMP) words.setUint32(offset, this.#stamps++, true);
  }
}
