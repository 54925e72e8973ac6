// Triple DES: TDEA of NIST SP 800-67 on the DES of FIPS 46-3. Tables have the names and the numbers of FIPS 46-3.

import type { BlockCipher } from './block-cipher.ts';

/** S1 … S8, four rows of 16 hexadecimal digits each. */
const S = [
  'e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d',
  'f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9',
  'a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c',
  '7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e',
  '2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453',
  'c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d',
  '4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c',
  'd2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b',
];
// biome-ignore format: four rows of eight, as in the standard
const P = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
  2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
];
// biome-ignore format: C above, D below
const PC1 = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
  63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
// biome-ignore format: a line for C, a line for D
const PC2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
  41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
const SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

const ROUNDS = 48;

let boxes: Int32Array | undefined;

/** Triple DES, encrypt–decrypt–encrypt, with a key of 24 bytes, whose parity bits are ignored. */
export class TripleDesBlock implements BlockCipher {
  readonly blockBytes = 8;
  readonly #boxes: Int32Array;
  readonly #subkeys: Int32Array;

  constructor(key: Uint8Array) {
    this.#boxes = desBoxes();
    this.#subkeys = tripleDesSubkeys(key);
  }

  encrypt(block: Int32Array): void {
    const s = this.#boxes;
    const k = this.#subkeys;
    let left = block[0]!;
    let right = block[1]!;

    // IP, as five exchanges of bits between the halves (R. Outerbridge).
    let t = ((left >>> 4) ^ right) & 0x0f0f0f0f;
    right ^= t;
    left ^= t << 4;
    t = ((left >>> 16) ^ right) & 0x0000ffff;
    right ^= t;
    left ^= t << 16;
    t = ((right >>> 2) ^ left) & 0x33333333;
    left ^= t;
    right ^= t << 2;
    t = ((right >>> 8) ^ left) & 0x00ff00ff;
    left ^= t;
    right ^= t << 8;
    t = ((left >>> 1) ^ right) & 0x55555555;
    right ^= t;
    left ^= t << 1;

    // Between the stages the final permutation of one and the initial one of the next undo each other; the exchange of
    // the halves remains.
    for (let stage = 0; stage < 2 * ROUNDS; stage += 32) {
      for (let i = stage; i < stage + 32; i += 4) {
        let u = ((right >>> 3) | (right << 29)) ^ k[i]!;
        let v = ((right << 1) | (right >>> 31)) ^ k[i + 1]!;
        left ^=
          s[(u >>> 24) & 63]! ^
          s[64 + ((v >>> 24) & 63)]! ^
          s[128 + ((u >>> 16) & 63)]! ^
          s[192 + ((v >>> 16) & 63)]! ^
          s[256 + ((u >>> 8) & 63)]! ^
          s[320 + ((v >>> 8) & 63)]! ^
          s[384 + (u & 63)]! ^
          s[448 + (v & 63)]!;
        u = ((left >>> 3) | (left << 29)) ^ k[i + 2]!;
        v = ((left << 1) | (left >>> 31)) ^ k[i + 3]!;
        right ^=
          s[(u >>> 24) & 63]! ^
          s[64 + ((v >>> 24) & 63)]! ^
          s[128 + ((u >>> 16) & 63)]! ^
          s[192 + ((v >>> 16) & 63)]! ^
          s[256 + ((u >>> 8) & 63)]! ^
          s[320 + ((v >>> 8) & 63)]! ^
          s[384 + (u & 63)]! ^
          s[448 + (v & 63)]!;
      }
      t = left;
      left = right;
      right = t;
    }

    // The inverse of IP.
    t = ((left >>> 1) ^ right) & 0x55555555;
    right ^= t;
    left ^= t << 1;
    t = ((right >>> 8) ^ left) & 0x00ff00ff;
    left ^= t;
    right ^= t << 8;
    t = ((right >>> 2) ^ left) & 0x33333333;
    left ^= t;
    right ^= t << 2;
    t = ((left >>> 16) ^ right) & 0x0000ffff;
    right ^= t;
    left ^= t << 16;
    t = ((left >>> 4) ^ right) & 0x0f0f0f0f;
    right ^= t;
    left ^= t << 4;

    block[0] = left;
    block[1] = right;
  }
}

/** S-box and P in one, 64 words for each box. */
export function desBoxes(): Int32Array {
  boxes ??= makeBoxes();
  return boxes;
}

/** Two words a round: its 6-bit groups 1, 3, 5, 7, then 2, 4, 6, 8, one in a byte. */
export function tripleDesSubkeys(key: Uint8Array): Int32Array {
  const subkeys = new Int32Array(2 * ROUNDS);
  for (let stage = 0; stage < 3; stage++) {
    const keys = expandKey(key.subarray(8 * stage, 8 * stage + 8));
    // Decryption is the same with the keys in the opposite order.
    if (stage === 1) keys.reverse();
    subkeys.set(keys.flat(), 32 * stage);
  }
  return subkeys;
}

/** The subkeys of single DES, in the same form. */
function expandKey(key: Uint8Array): [number, number][] {
  const chosen = PC1.map((bit) => (key[(bit - 1) >> 3]! >>> (7 - ((bit - 1) & 7))) & 1);
  let shift = 0;
  return SHIFTS.map((more) => {
    shift += more;
    const subkey: [number, number] = [0, 0];
    PC2.forEach((bit, i) => {
      const half = bit > 28 ? 28 : 0;
      const value = chosen[half + ((bit - 1 - half + shift) % 28)]!;
      const group = Math.floor(i / 6);
      subkey[group & 1]! |= value << (24 - 8 * (group >> 1) + 5 - (i % 6));
    });
    return subkey;
  });
}

function makeBoxes(): Int32Array {
  return Int32Array.from({ length: 8 * 64 }, (_, i) => {
    const box = i >> 6;
    // The outer two of six bits choose the row, the inner four the column.
    const row = ((i >>> 4) & 2) | (i & 1);
    const output = Number.parseInt(S[box]![row * 16 + ((i >>> 1) & 15)]!, 16) << (28 - 4 * box);
    return P.reduce((word, bit, position) => word | (((output >>> (32 - bit)) & 1) << (31 - position)), 0);
  });
}
