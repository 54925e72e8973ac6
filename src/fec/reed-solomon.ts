// Reed-Solomon erasure code, byte-identical to klauspost/reedsolomon's default as kcp-go uses it (wire.md, section 3).

import { loadFecKernel } from '../kernel/fec/kernel.ts';
import { requireBoolean, requireInteger, requireObject } from '../options.ts';
import { Codec, type Product } from './codec.ts';
import { kernelProduct } from './kernel-product.ts';
import { portableProduct } from './portable-product.ts';

/**
 * Systematic Reed-Solomon erasure code over GF(2^8), with the matrix that klauspost/reedsolomon makes by default: any `data`
 * of the data + parity shards of a group tell the data. Works for any number of groups; keeps no view of its callers, and
 * nothing of a group, between calls.
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
   * @param parity `parity` views of equal length, which are overwritten. They must not overlap the data or one another.
   * @throws OptionError naming `shards` or `parity`, when there are too few or too many, or lengths do not fit.
   */
  encode(shards: readonly Uint8Array[], parity: readonly Uint8Array[]): void;

  /**
   * Rebuilds the data shards that are missing from one group.
   *
   * @param shards A place for each of the data + parity shards, in order: `undefined` where one is lost, at least `data` of
   * them filled, of which the first `data` are used. Those that are shorter than the rebuilt ones count as padded with
   * zeros. They are only read.
   * @param lost One view for each missing data shard, in ascending order, all of equal length, which is that of the longest
   * shard or more. They are overwritten, and must not overlap the shards or one another.
   * @throws OptionError naming `shards` or `lost`, when there are too few or too many, or lengths do not fit.
   */
  rebuild(shards: readonly (Uint8Array | undefined)[], lost: readonly Uint8Array[]): void;
}

/** Which implementation a codec has. */
export interface ReedSolomonOptions {
  /** Plain TypeScript, even where the SIMD kernel runs. Default false. */
  readonly portable?: boolean | undefined;
}

/** Shards of a group at most: the field has no more different elements. */
const SHARDS_MAX = 256;
/** Shapes whose codecs are kept. A peer may make us change them, so their number has to end somewhere. */
const CODECS_MAX = 32;

const kernelCodecs = new Map<number, Codec>();
const portableCodecs = new Map<number, Codec>();

/**
 * The codec of a shape: by the SIMD kernel where that runs, else in plain TypeScript. The codecs of the 32
 * shapes that were made last are shared.
 *
 * @param data Data shards of a group, 1 … 255.
 * @param parity Parity shards of a group, 1 … 256 - data.
 * @throws OptionError naming the first that is wrong.
 */
export function reedSolomon(data: number, parity: number, options: ReedSolomonOptions = {}): ReedSolomon {
  requireInteger('data', data, 1, SHARDS_MAX - 1);
  requireInteger('parity', parity, 1, SHARDS_MAX - data);
  requireObject('options', options);
  const { portable = false } = options;
  const codecs = requireBoolean('portable', portable) ? portableCodecs : kernelCodecs;
  const shape = SHARDS_MAX * data + parity;
  const shared = codecs.get(shape);
  if (shared !== undefined) return shared;
  const codec = new Codec(data, parity, product(portable));
  codecs.set(shape, codec);
  if (codecs.size > CODECS_MAX) codecs.delete(codecs.keys().next().value!);
  return codec;
}

function product(portable: boolean): Product {
  const kernel = portable ? undefined : loadFecKernel();
  return kernel === undefined ? portableProduct : kernelProduct(kernel);
}
