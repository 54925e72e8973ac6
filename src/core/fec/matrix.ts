// The matrices of the code, by interpolation instead of by inversion.
//
// Row r of the Vandermonde matrix V[r][c] = r^c takes the coefficients of a polynomial to its value at r. Multiplied by the
// inverse of its top square, as in klauspost/reedsolomon (buildMatrix), it takes the values at 0 … data-1 to the value at r:
// byte for byte, shard r is the value at r of the one polynomial of degree < data that has the data shards' values. So any
// `data` shards tell all others, and the same formula, Lagrange's, gives parity from data and lost data from what is there.

import { field, power } from './gf256.ts';

/**
 * What takes values at `from` to values at `to`: one row of `from.length` coefficients for each of `to`, row after row.
 * All of them are different numbers from 0 to 255. Takes time in proportion to (from.length + to.length) × from.length.
 */
export function interpolation(from: ArrayLike<number>, to: ArrayLike<number>): Uint8Array {
  const tables = field();
  const { log } = tables;
  const columns = from.length;
  // Subtraction is XOR. Products are sums of logarithms: no difference is zero.
  const weights = new Int32Array(columns);
  for (let c = 0; c < columns; c++) {
    const node = from[c]!;
    let weight = 0;
    for (let other = 0; other < columns; other++) if (other !== c) weight += log[node ^ from[other]!]!;
    weights[c] = weight;
  }
  const matrix = new Uint8Array(to.length * columns);
  for (let r = 0; r < to.length; r++) {
    const point = to[r]!;
    let all = 0;
    for (let c = 0; c < columns; c++) all += log[point ^ from[c]!]!;
    for (let c = 0; c < columns; c++) {
      matrix[r * columns + c] = power(tables, all - log[point ^ from[c]!]! - weights[c]!);
    }
  }
  return matrix;
}
