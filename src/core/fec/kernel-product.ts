// The product of a matrix and shards by the SIMD kernel: inputs are copied into its memory, outputs out of it, once each.

import type { FecKernel } from '../../wasm/fec/kernel.ts';
import { MATRIX_AT, room, SHARDS_AT, SHARDS_BYTES } from '../../wasm/fec/layout.ts';
import { Views } from '../../wasm/views.ts';
import type { Product } from './product.ts';

const CACHE_LINE = 64;

export function kernelProduct(kernel: FecKernel): Product {
  const views = new Views(kernel.bytes);
  return (matrix, inputs, outputs) => {
    kernel.bytes.set(matrix, MATRIX_AT);
    const { length } = outputs[0]!;
    const longest = longestShard(inputs.length + outputs.length);
    if (length <= longest) {
      multiply(kernel, views, inputs, outputs);
      return;
    }
    // Never with packets: 256 shards may be of 1600 bytes.
    for (let at = 0; at < length; at += longest) {
      const part = (shard: Uint8Array): Uint8Array => shard.subarray(at, at + longest);
      multiply(kernel, views, inputs.map(part), outputs.map(part));
    }
  };
}

/** Bytes for which `count` shards fit into the kernel's memory: as many of its odd numbers of cache lines. */
function longestShard(count: number): number {
  const lines = Math.floor(SHARDS_BYTES / CACHE_LINE / count);
  return CACHE_LINE * (lines % 2 === 0 ? lines - 1 : lines);
}

function multiply(
  { bytes, multiply }: FecKernel,
  views: Views,
  inputs: readonly Uint8Array[],
  outputs: readonly Uint8Array[],
): void {
  const { length } = outputs[0]!;
  const stride = room(length);
  let at = SHARDS_AT;
  for (const input of inputs) {
    bytes.set(input, at);
    if (input.length < length) bytes.fill(0, at + input.length, at + length);
    at += stride;
  }
  const results = at;
  // As few calls as there can be, with as equal numbers of outputs: 7 are 4 and 3.
  let row = MATRIX_AT;
  let rows = outputs.length;
  for (let calls = Math.ceil(rows / multiply.length); calls > 0; calls--) {
    const count = Math.ceil(rows / calls);
    multiply[count - 1]!(row, inputs.length, at, length);
    rows -= count;
    row += count * inputs.length;
    at += count * stride;
  }
  for (let i = 0; i < outputs.length; i++) outputs[i]!.set(views.of(i, results + i * stride, length));
}
