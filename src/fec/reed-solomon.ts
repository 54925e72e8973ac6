// Reed-Solomon erasure code, byte-identical to klauspost/reedsolomon's default as kcp-go uses it (wire.md, section 3).

import { OptionError } from '../errors.ts';
import { requireInteger } from '../options.ts';
import { interpolation } from './matrix.ts';
import { portableProduct } from './portable-product.ts';

/**
 * Systematic Reed-Solomon erasure code over GF(2^8), with the matrix that klauspost/reedsolomon makes by default: any `data`
 * of the data + parity shards of a group tell the data. Keeps nothing of a group between calls, and no view of its callers.
 */
export interface ReedSolomon {
  /** Data shards of a group, 1 … 255. */
  readonly data: number;
  /** Parity shards of a group, 1 … 255; with the data shards 256 at most. */
  readonly parity: number;

  /**
   * Writes the parity of one group.
   *
   * @param shards The `data` data shards, in order, each at most as long as a parity shard; those that are shorter count as
   * padded with zeros. They are only read.
   * @param parity `parity` views of equal length, which are overwritten. They must not overlap the shards.
   * @throws OptionError when there are too few or too many of either, or lengths do not fit.
   */
  encode(shards: readonly Uint8Array[], parity: readonly Uint8Array[]): void;

  /**
   * Rebuilds the data shards that are missing from one group.
   *
   * @param shards A place for each of the data + parity shards, in order: `undefined` where one is lost, `data` of them at
   * least are there. Those that are shorter than the rebuilt ones count as padded with zeros. They are only read.
   * @param lost One view for each missing data shard, in ascending order, all of equal length, which is that of the longest
   * shard or more. They are overwritten, and must not overlap the shards.
   * @throws OptionError when there are too few or too many of either, or lengths do not fit.
   */
  rebuild(shards: readonly (Uint8Array | undefined)[], lost: readonly Uint8Array[]): void;
}

/**
 * Writes matrix × inputs to the outputs: a row for each output, a coefficient in it for each input. Outputs are of equal
 * length, inputs of that length at most and padded with zeros. Rows and columns are 256 at most together.
 */
export type Product = (matrix: Uint8Array, inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]) => void;

/** How to make a codec. */
export interface ReedSolomonOptions {
  /** Plain TypeScript, even where the SIMD kernel runs. Default false. */
  readonly portable?: boolean | undefined;
}

/** Shards of a group at most: there are no more different elements in the field. */
const SHARDS_MAX = 256;

class Codec implements ReedSolomon {
  readonly data: number;
  readonly parity: number;
  readonly #product: Product;
  readonly #parityMatrix: Uint8Array;

  constructor(data: number, parity: number, product: Product) {
    this.data = data;
    this.parity = parity;
    this.#product = product;
    this.#parityMatrix = interpolation(range(0, data), range(data, data + parity));
  }

  encode(shards: readonly Uint8Array[], parity: readonly Uint8Array[]): void {
    requireCount('shards', shards, this.data);
    requireCount('parity', parity, this.parity);
    requireFit('parity', parity, shards);
    this.#product(this.#parityMatrix, shards, parity);
  }

  rebuild(shards: readonly (Uint8Array | undefined)[], lost: readonly Uint8Array[]): void {
    requireCount('shards', shards, this.data + this.parity);
    const there: number[] = [];
    const missing: number[] = [];
    const inputs: Uint8Array[] = [];
    for (let i = 0; i < shards.length && there.length < this.data; i++) {
      const shard = shards[i];
      if (shard !== undefined) {
        there.push(i);
        inputs.push(shard);
      } else if (i < this.data) missing.push(i);
    }
    if (there.length < this.data) {
      throw new OptionError('shards', shards, `an array with ${this.data} shards at least, it has ${there.length}`);
    }
    requireCount('lost', lost, missing.length);
    if (missing.length === 0) return;
    requireFit('lost', lost, inputs);
    this.#product(interpolation(there, missing), inputs, lost);
  }
}

/**
 * The codec of a shape: by the SIMD kernel where that runs, else in plain TypeScript.
 *
 * @param data Data shards of a group, 1 … 255.
 * @param parity Parity shards of a group, 1 … 256 - data, at most 255.
 * @throws OptionError naming the first that is wrong.
 */
export function reedSolomon(data: number, parity: number, _options: ReedSolomonOptions = {}): ReedSolomon {
  requireInteger('data', data, 1, SHARDS_MAX - 1);
  requireInteger('parity', parity, 1, SHARDS_MAX - data);
  return new Codec(data, parity, portableProduct);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function requireCount(name: string, shards: readonly unknown[], count: number): void {
  if (shards.length !== count) throw new OptionError(name, shards.length, `${count} shards`);
}

/** Outputs of equal length, and no input that is longer. */
function requireFit(name: string, outputs: readonly Uint8Array[], inputs: readonly Uint8Array[]): void {
  const { length } = outputs[0]!;
  for (const output of outputs) {
    if (output.length !== length) throw new OptionError(name, output, `shards of equal length, ${length} bytes`);
  }
  for (const input of inputs) {
    if (input.length > length)
      throw new OptionError('shards', input, `shards of ${length} bytes at most, like ${name}`);
  }
}
