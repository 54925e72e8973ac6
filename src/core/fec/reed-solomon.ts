// The Reed-Solomon code for everyone: codec.ts, with checks of all that it is given.

import { requireBoolean, requireObject } from '../../check.ts';
import { OptionError } from '../../errors.ts';
import { type Codec, CodecCache, checkCounts, codecs } from './codec.ts';
import type { ReedSolomon } from './erasure-code.ts';
import { portableProduct } from './portable-product.ts';

/** Which implementation a codec has. */
export interface ReedSolomonOptions {
  /** Plain TypeScript, even where the addon or the SIMD kernel runs. Default false. */
  readonly portable?: boolean | undefined;
}

const portableCodecs = /* @__PURE__ */ new CodecCache(() => portableProduct);

/** For as long as their codecs are kept. */
const checkedCodecs = new WeakMap<Codec, ReedSolomon>();

/**
 * The codec of a shape: on Node by the addon if it is available, else by the SIMD kernel if that runs, else in plain TypeScript.
 * The codecs of the 32 shapes that were made last are shared.
 *
 * @param data Data shards of a group, 1 … 255.
 * @param parity Parity shards of a group, 1 … 256 - data.
 * @throws OptionError naming the first that is wrong.
 */
export function reedSolomon(data: number, parity: number, options: ReedSolomonOptions = {}): ReedSolomon {
  checkCounts(data, parity);
  requireObject('options', options);
  const { portable = false } = options;
  const codec = (requireBoolean('portable', portable) ? portableCodecs : codecs).of(data, parity);
  let checked = checkedCodecs.get(codec);
  if (checked === undefined) {
    checked = new CheckedCodec(codec);
    checkedCodecs.set(codec, checked);
  }
  return checked;
}

/** A codec that refuses what is not as {@link ReedSolomon} wants it. */
export class CheckedCodec implements ReedSolomon {
  readonly data: number;
  readonly parity: number;
  readonly #codec: Codec;

  constructor(codec: Codec) {
    this.data = codec.data;
    this.parity = codec.parity;
    this.#codec = codec;
  }

  encode(shards: readonly Uint8Array[], parity: readonly Uint8Array[], skip = 0): void {
    requireCount('shards', shards, this.data);
    requireCount('parity', parity, this.parity);
    requireFit('parity', parity, shards);
    this.#codec.encode(shards, parity, skip);
  }

  rebuild(shards: readonly (Uint8Array | undefined)[], lost: readonly Uint8Array[]): void {
    requireCount('shards', shards, this.data + this.parity);
    const used: Uint8Array[] = [];
    let missing = 0;
    for (let i = 0; i < shards.length && used.length < this.data; i++) {
      const shard = shards[i];
      if (shard !== undefined) used.push(shard);
      else if (i < this.data) missing++;
    }
    if (used.length < this.data) throw new OptionError('shards', used.length, `${this.data} shards or more`);
    requireCount('lost', lost, missing);
    if (missing === 0) return;
    requireFit('lost', lost, used);
    this.#codec.rebuild(shards, lost);
  }
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
