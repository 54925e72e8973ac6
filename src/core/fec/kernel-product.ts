// The product of a matrix and shards by the SIMD kernel: inputs are copied into its memory, outputs out of it, once each.

import type { FecKernel } from '../../wasm/fec/kernel.ts';
import { MATRIX_AT, room, SHARDS_AT, SHARDS_BYTES } from '../../wasm/fec/layout.ts';
import { Views } from '../../wasm/views.ts';
import type { Product } from './product.ts';

const CACHE_LINE = 64;

export function kernelProduct(kernel: FecKernel): Product {
  const views = new Views(kernel.bytes);
  return (matrix, inputs, outputs, skip) => {
    const length = outputs[0]!.length - skip;
    const longest = longestShard(inputs.length + outputs.length);
    if (length <= longest) {
      multiply(kernel, views, matrix, inputs, outputs, skip);
      return;
    }
    // Never with packets: 256 shards may be of 1600 bytes.
    for (let at = 0; at < length; at += longest) {
      const part = (shard: Uint8Array): Uint8Array => shard.subarray(skip + at, skip + at + longest);
      multiply(kernel, views, matrix, inputs.map(part), outputs.map(part), 0);
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
  matrix: Uint8Array,
  inputs: readonly Uint8Array[],
  outputs: readonly Uint8Array[],
  skip: number,
): void {
  const length = outputs[0]!.length - skip;
  const stride = room(length);
  let at = SHARDS_AT + inputs.length * stride;
  const results = at;
  // From the last one on: what is to be skipped of each lands in front of it, where the one before, or the matrix, has yet to come.
  for (let i = inputs.length - 1; i >= 0; i--) {
    const input = inputs[i]!;
    const place = SHARDS_AT + i * stride;
    bytes.set(input, place - skip);
    if (input.length - skip < length) bytes.fill(0, place + input.length - skip, place + length);
  }
  bytes.set(matrix, MATRIX_AT);
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
  for (let i = 0; i < outputs.length; i++) outputs[i]!.set(views.of(i, results + i * stride, length), skip);
}
