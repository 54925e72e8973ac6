// Matrices by interpolation are those that the definition gives: Vandermonde times the inverse of its top square.

import { describe, expect, it, test } from 'vitest';
import { multiply } from '../../../src/core/crypto/ghash-field.ts';
import { DecodeMatrices } from '../../../src/core/fec/decode-matrices.ts';
import { interpolation } from '../../../src/core/fec/matrix.ts';

const product = (a: number, b: number): number => multiply(a, b, 0x11d);

/** r^c, and 0^0 is 1. */
const vandermonde = (r: number, c: number): number => (c === 0 ? 1 : product(vandermonde(r, c - 1), r));

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('interpolation', () => {
  test.each([
    [1, 1],
    [2, 3],
    [10, 3],
    [31, 9],
    [4, 252],
    [255, 1],
  ])('times the top square of the Vandermonde matrix gives its other rows, %i/%i', (data, parity) => {
    // Each column of V is a polynomial, c ↦ x^c, whose values at 0 … data-1 have to give those at the other points.
    const matrix = interpolation(range(0, data), range(data, data + parity));
    for (let r = 0; r < parity; r++) {
      for (let c = 0; c < data; c += Math.ceil(data / 16)) {
        let value = 0;
        for (let k = 0; k < data; k++) value ^= product(matrix[r * data + k]!, vandermonde(k, c));
        expect(value).toBe(vandermonde(data + r, c));
      }
    }
  });

  it('gives one shard alone to all others unchanged', () => {
    expect(interpolation([7], [0, 200])).toEqual(Uint8Array.of(1, 1));
  });
});

describe('kept matrices', () => {
  it('are made once for each pattern of loss', () => {
    const matrices = new DecodeMatrices();
    const first = matrices.of([1, 2, 3], [0]);
    expect(first).toEqual(interpolation([1, 2, 3], [0]));
    expect(matrices.of([1, 2, 3], [0])).toBe(first);
    expect(matrices.of([1, 2, 4], [0])).toEqual(interpolation([1, 2, 4], [0]));
    expect(matrices.of([0, 2, 3], [1])).toEqual(interpolation([0, 2, 3], [1]));
  });

  it('are all that 10/3 can need', () => {
    const matrices = new DecodeMatrices();
    const patterns = lossesOf(10, 3);
    expect(patterns.length).toBe(30 + 135 + 120);
    const made = patterns.map(([used, missing]) => matrices.of(used, missing));
    for (const [i, [used, missing]] of patterns.entries()) {
      expect(matrices.of(used, missing)).toBe(made[i]);
      expect(made[i]).toEqual(interpolation(used, missing));
    }
  });

  it('are 64 KiB at most, and the oldest are forgotten', () => {
    const matrices = new DecodeMatrices();
    const lost = (missing: number): Uint8Array => {
      return matrices.of([...range(missing, 128), ...range(128, 128 + missing)], range(0, missing));
    };
    // 15 … 16 KiB each.
    const made = [128, 127, 126, 125].map(lost);
    expect([128, 127, 126, 125].map(lost)).toEqual(made);
    expect(lost(128)).toBe(made[0]);
    lost(124);
    expect(lost(125)).toBe(made[3]);
    expect(lost(128)).not.toBe(made[0]);
    expect(lost(128)).toEqual(made[0]);
  });
});

/** Every way to lose data shards, with the parity that stands in for them. */
function lossesOf(data: number, parity: number): (readonly [used: number[], missing: number[]])[] {
  const patterns: (readonly [number[], number[]])[] = [];
  for (let there = 0; there < 1 << (data + parity); there++) {
    const shards = range(0, data + parity).filter((shard) => (there >> shard) & 1);
    const missing = range(0, data).filter((shard) => !((there >> shard) & 1));
    if (shards.length === data && missing.length > 0) patterns.push([shards, missing]);
  }
  return patterns;
}
