// What both codecs have in common: which matrix is multiplied by which shards.

import { OptionError } from '../../errors.ts';
import { DecodeMatrices } from './decode-matrices.ts';
import type { ReedSolomon } from './erasure-code.ts';
import { interpolation } from './matrix.ts';
import type { Product } from './product.ts';

export class Codec implements ReedSolomon {
  readonly data: number;
  readonly parity: number;
  readonly #product: Product;
  readonly #parityMatrix: Uint8Array;
  readonly #decodeMatrices = new DecodeMatrices();

  constructor(data: number, parity: number, product: Product) {
    this.data = data;
    this.parity = parity;
    this.#product = product;
    this.#parityMatrix = interpolation(range(0, data), range(data, data + parity));
  }

  encode(shards: readonly Uint8Array[], parity: readonly Uint8Array[], skip = 0): void {
    requireCount('shards', shards, this.data);
    requireCount('parity', parity, this.parity);
    requireFit('parity', parity, shards);
    this.#product(this.#parityMatrix, shards, parity, skip);
  }

  rebuild(shards: readonly (Uint8Array | undefined)[], lost: readonly Uint8Array[]): void {
    requireCount('shards', shards, this.data + this.parity);
    const used: number[] = [];
    const missing: number[] = [];
    const inputs: Uint8Array[] = [];
    for (let i = 0; i < shards.length && used.length < this.data; i++) {
      const shard = shards[i];
      if (shard !== undefined) {
        used.push(i);
        inputs.push(shard);
      } else if (i < this.data) {
        missing.push(i);
      }
    }
    if (used.length < this.data) {
      throw new OptionError('shards', used.length, `${this.data} shards or more`);
    }
    requireCount('lost', lost, missing.length);
    if (missing.length === 0) return;
    requireFit('lost', lost, inputs);
    this.#product(this.#decodeMatrices.of(used, missing), inputs, lost, 0);
  }
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
    if (output.length !== length) throw new OptionError(name, output, `shards of equal length, here ${length} bytes`);
  }
  for (const input of inputs) {
    if (input.length > length) {
      throw new OptionError('shards', input, `shards of ${length} bytes at most, which is the length of ${name}`);
    }
  }
}
