// Matrices that rebuild, kept by what was lost.

import { interpolation } from './matrix.ts';

/** Bytes that are kept for one shape: all 285 patterns of 10/3 take 25 000; of much larger shapes patterns hardly recur. */
const BYTES_MAX = 65_536;
/** About what keeping one costs in addition to its coefficients. */
const ENTRY_BYTES = 64;

export class DecodeMatrices {
  readonly #matrices = new Map<string, Uint8Array>();
  #bytes = 0;

  /** The matrix from the shards that are used to those that are `missing`; both in ascending order. */
  of(used: readonly number[], missing: readonly number[]): Uint8Array {
    const key = patternOf(used, missing);
    const kept = this.#matrices.get(key);
    if (kept) return kept;
    const matrix = interpolation(used, missing);
    this.#matrices.set(key, matrix);
    this.#bytes += ENTRY_BYTES + matrix.length;
    // The oldest go first.
    for (const [key, { length }] of this.#matrices) {
      if (this.#bytes <= BYTES_MAX) break;
      this.#matrices.delete(key);
      this.#bytes -= ENTRY_BYTES + length;
    }
    return matrix;
  }
}

/** What is missing and which parity stands in for it: as many of the one as of the other, and they tell all others. */
function patternOf(used: readonly number[], missing: readonly number[]): string {
  let pattern = '';
  for (const shard of missing) pattern += String.fromCharCode(shard);
  for (let i = used.length - missing.length; i < used.length; i++) pattern += String.fromCharCode(used[i]!);
  return pattern;
}
