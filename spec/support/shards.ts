// Groups of shards, and the implementations of the code that have to agree on them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { ReedSolomonErasure } from '@digitaldefiance/reed-solomon-erasure.wasm';
import { Codec } from '../../src/core/fec/codec.ts';
import type { ReedSolomon } from '../../src/core/fec/erasure-code.ts';
import { kernelProduct } from '../../src/core/fec/kernel-product.ts';
import { CheckedCodec, reedSolomon } from '../../src/core/fec/reed-solomon.ts';
import { makeFecKernel, withoutRelaxed } from '../../src/wasm/fec/kernel.ts';
import { FEC_MODULE_RELAXED } from '../../src/wasm/module.ts';

// Node 20 has relaxed SIMD behind a flag only.
if (Number.parseInt(process.versions.node, 10) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');

/** Makes the codec of a shape. */
export type Maker = (data: number, parity: number) => ReedSolomon;

const modules = {
  'the SIMD kernel': withoutRelaxed(FEC_MODULE_RELAXED),
  'the relaxed SIMD kernel': FEC_MODULE_RELAXED,
};

export const IMPLEMENTATIONS: readonly (readonly [name: string, Maker])[] = [
  ['the portable codec', (data, parity) => reedSolomon(data, parity, { portable: true })],
  ['what the package makes', (data, parity) => reedSolomon(data, parity)],
  ...Object.entries(modules).map(([name, module]): readonly [string, Maker] => {
    const kernel = makeFecKernel(module);
    if (kernel === undefined) throw new Error(`${name} does not run here`);
    const product = kernelProduct(kernel);
    return [name, (data, parity) => new CheckedCodec(new Codec(data, parity, product))];
  }),
];

/** Room for shards. */
export const blank = (count: number, length: number): Uint8Array[] =>
  Array.from({ length: count }, () => new Uint8Array(length));

/** The parity of data shards of equal length. */
export function parityOf(codec: ReedSolomon, shards: readonly Uint8Array[]): Uint8Array[] {
  const parity = blank(codec.parity, Math.max(...shards.map(({ length }) => length)));
  codec.encode(shards, parity);
  return parity;
}

/** Shards as text, which is compared and shown faster. */
export const inHex = (shards: readonly Uint8Array[]): string[] =>
  shards.map((shard) => Buffer.from(shard.buffer, shard.byteOffset, shard.length).toString('hex'));

// Its own way of finding the binary fails in ES modules.
const binary = createRequire(import.meta.url).resolve('@digitaldefiance/reed-solomon-erasure.wasm/wasm');
const oracle = ReedSolomonErasure.fromBytes(readFileSync(binary));

/** The same by another's implementation. */
export function oracleParity(shards: readonly Uint8Array[], parity: number): Uint8Array[] {
  const { length } = shards[0]!;
  const group = new Uint8Array((shards.length + parity) * length);
  for (const [i, shard] of shards.entries()) group.set(shard, i * length);
  const result = oracle.encode(group, shards.length, parity);
  if (result !== ReedSolomonErasure.RESULT_OK) throw new Error(ReedSolomonErasure.getResultMessage(result));
  return Array.from({ length: parity }, (_, i) => {
    const at = (shards.length + i) * length;
    return group.slice(at, at + length);
  });
}
