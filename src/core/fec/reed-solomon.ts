// Reed-Solomon erasure code, byte-identical to klauspost/reedsolomon's default as kcp-go uses it (wire.md, section 3).

import { requireBoolean, requireInteger, requireObject } from '../../check.ts';
import { loadFecKernel } from '../../wasm/fec/kernel.ts';
import { Codec } from './codec.ts';
import type { ReedSolomon } from './erasure-code.ts';
import { kernelProduct } from './kernel-product.ts';
import { portableProduct } from './portable-product.ts';
import type { Product } from './product.ts';

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
