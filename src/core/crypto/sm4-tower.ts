// The S-box of SM4 in look-ups of 16 entries, for the kernel. GF(2^8) is GF(2^4) with a root τ of τ² + aτ + a: an element is k + iτ,
// its norm is n = k² + aik + ai², its inverse ((k + ai) + iτ)/n. M. Hamburg (Accelerating AES with Vector Permute Instructions, CHES
// 2009) has the formula: with j = i + k,
//
//   io = 1/(1/i + a/k) + j = n/(k + ai),   jo = 1/(1/j + a/k) + i = n/(k + aj),
//
// where 1/0 is infinite, and what is added to that too. The inverse is linear in 1/io and 1/jo.

import { multiply } from './ghash-field.ts';
import { SM4_POLYNOMIAL, sm4Affine } from './sm4.ts';

const times = (x: number, y: number): number => multiply(x, y, SM4_POLYNOMIAL);

/** x^254: the inverse, and 0 of 0. */
function inverse(x: number): number {
  let result = 1;
  for (let i = 0; i < 254; i++) result = times(result, x);
  return result;
}

const find = (what: (x: number) => boolean): number => Array.from({ length: 256 }, (_, x) => x).findIndex(what);

/** Any bit above the lowest four makes a look-up give 0. */
const INFINITE = 128;

/**
 * Eight tables of 16 bytes: from the lower and from the upper half of a byte to 16 i + k, the sum of both; 1/x and a/x in GF(2^4);
 * from io and from jo to the S-box's value, the sum of both and d3; 15, the mask of a half; d3.
 */
export function sm4TowerTables(): Uint8Array {
  // Entry c is the element of GF(2^4) whose coordinates are the bits of c, as one of GF(2^8).
  const g = find((x) => x > 1 && power(x, 15) === 1 && power(x, 5) !== 1 && power(x, 3) !== 1);
  const small = Array.from({ length: 16 }, (_, c) =>
    [0, 1, 2, 3].reduce((sum, i) => sum ^ (c & (1 << i) ? power(g, i) : 0), 0),
  );
  const code = (x: number): number => small.indexOf(x);
  const isRoot = (tau: number, a: number): boolean => (times(tau, tau) ^ times(a, tau) ^ a) === 0;
  // Where a root is outside GF(2^4), none is in it.
  const a = small.find((x) => x > 0 && find((tau) => !small.includes(tau) && isRoot(tau, x)) >= 0)!;
  const tau = find((x) => !small.includes(x) && isRoot(x, a));

  const halves = new Uint8Array(256);
  for (let i = 0; i < 16; i++) {
    for (let k = 0; k < 16; k++) halves[small[k]! ^ times(small[i]!, tau)] = 16 * i + k;
  }
  // The affine map without its constant.
  const linear = (x: number): number => sm4Affine(x) ^ sm4Affine(0);
  const tables = new Uint8Array(8 * 16);
  for (let c = 0; c < 16; c++) {
    const inverted = inverse(small[c]!);
    const outer = inverse(a);
    // P = 1/io and Q = 1/jo: the inverse is P + (P + (P + Q)/a)/a · τ.
    const byP = inverted ^ times(times(inverted ^ times(inverted, outer), outer), tau);
    const byQ = times(times(times(inverted, outer), outer), tau);
    const entries = [
      halves[sm4Affine(c)]!,
      halves[linear(16 * c)]!,
      c === 0 ? INFINITE : code(inverted),
      c === 0 ? INFINITE : code(times(a, inverted)),
      linear(byP),
      linear(byQ),
      15,
      sm4Affine(0),
    ];
    for (const [table, entry] of entries.entries()) tables[16 * table + c] = entry;
  }
  return tables;
}

function power(x: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = times(result, x);
  return result;
}
