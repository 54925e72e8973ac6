// The Reed-Solomon code of one shape: which matrix is multiplied by which shards. Byte-identical to klauspost/reedsolomon's default as
// kcp-go uses it (wire.md, section 3).

import { fastProduct } from '#fec-product';
import { requireInteger } from '../../check.ts';
import { DecodeMatrices } from './decode-matrices.ts';
import type { ReedSolomon } from './erasure-code.ts';
import { interpolation } from './matrix.ts';
import type { Product } from './product.ts';
import { GROUP_MAX } from './shape.ts';

/** Shapes whose codecs are kept. A peer may make us change them, so their number has to end somewhere. */
const CODECS_MAX = 32;

/** The code, for callers whose shards are right: reed-solomon.ts is the one that checks. */
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
    const places = Array.from({ length: data + parity }, (_, place) => place);
    this.#parityMatrix = interpolation(places.slice(0, data), places.slice(data));
  }

  encode(shards: readonly Uint8Array[], parity: readonly Uint8Array[], skip = 0): void {
    this.#product(this.#parityMatrix, shards, parity, skip);
  }

  rebuild(shards: readonly (Uint8Array | undefined)[], lost: readonly Uint8Array[]): void {
    const used: number[] = [];
    const missing: number[] = [];
    const inputs: Uint8Array[] = [];
    for (let i = 0; i < shards.length && used.length < this.data; i++) {
      const shard = shards[i];
      if (shard) {
        used.push(i);
        inputs.push(shard);
      } else if (i < this.data) {
        missing.push(i);
      }
    }
    this.#product(this.#decodeMatrices.of(used, missing), inputs, lost, 0);
  }
}

/** Makes codecs and keeps those of the 32 shapes that were made last. */
export class CodecCache {
  readonly #codecs = new Map<number, Codec>();
  readonly #productOf: () => Product;

  /** @param productOf what its codecs multiply by. */
  constructor(productOf: () => Product) {
    this.#productOf = productOf;
  }

  /** @throws OptionError when there is no such shape. */
  of(data: number, parity: number): Codec {
    checkCounts(data, parity);
    const shape = GROUP_MAX * data + parity;
    let codec = this.#codecs.get(shape);
    if (!codec) {
      codec = new Codec(data, parity, this.#productOf());
      this.#codecs.set(shape, codec);
      if (this.#codecs.size > CODECS_MAX) this.#codecs.delete(this.#codecs.keys().next().value!);
    }
    return codec;
  }
}

/** @throws OptionError when no group can have so many shards. */
export function checkCounts(data: number, parity: number): void {
  requireInteger('data', data, 1, GROUP_MAX - 1);
  requireInteger('parity', parity, 1, GROUP_MAX - data);
}

/** Codecs by the addon where that is, else by the SIMD kernel, else in plain TypeScript. */
export const codecs = /* @__PURE__ */ new CodecCache(fastProduct);
