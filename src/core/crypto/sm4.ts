// SM4 (GB/T 32907-2016; in English: draft-ribose-cfrg-sm4).

import { type BlockCipher, readWord, rotateLeft } from './block-cipher.ts';
import { multiply } from './ghash-field.ts';

const ROUNDS = 32;
/** Of the field that the S-box is made in. */
export const SM4_POLYNOMIAL = 0x1f5;
/** FK, the system parameter. */
const FK = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc] as const;

let sbox: Uint8Array | undefined;
/** L(S-box) for each of the four bytes of a word, one after another. */
let tables: Int32Array | undefined;

/** SM4 with a key of 16 bytes. Works by table look-ups, whose time depends on key and data through the cache. */
export class Sm4Block implements BlockCipher {
  readonly blockBytes = 16;
  readonly #roundKeys: Int32Array;
  readonly #tables: Int32Array;

  constructor(key: Uint8Array) {
    tables ??= makeTables(sm4Sbox());
    this.#tables = tables;
    this.#roundKeys = sm4RoundKeys(key);
  }

  encrypt(block: Int32Array): void {
    const t = this.#tables;
    const keys = this.#roundKeys;
    let a = block[0]!;
    let b = block[1]!;
    let c = block[2]!;
    let d = block[3]!;
    for (let round = 0; round < ROUNDS; round += 4) {
      let x = b ^ c ^ d ^ keys[round]!;
      a ^= t[x >>> 24]! ^ t[256 + ((x >>> 16) & 255)]! ^ t[512 + ((x >>> 8) & 255)]! ^ t[768 + (x & 255)]!;
      x = c ^ d ^ a ^ keys[round + 1]!;
      b ^= t[x >>> 24]! ^ t[256 + ((x >>> 16) & 255)]! ^ t[512 + ((x >>> 8) & 255)]! ^ t[768 + (x & 255)]!;
      x = d ^ a ^ b ^ keys[round + 2]!;
      c ^= t[x >>> 24]! ^ t[256 + ((x >>> 16) & 255)]! ^ t[512 + ((x >>> 8) & 255)]! ^ t[768 + (x & 255)]!;
      x = a ^ b ^ c ^ keys[round + 3]!;
      d ^= t[x >>> 24]! ^ t[256 + ((x >>> 16) & 255)]! ^ t[512 + ((x >>> 8) & 255)]! ^ t[768 + (x & 255)]!;
    }
    block[0] = d;
    block[1] = c;
    block[2] = b;
    block[3] = a;
  }
}

/** The S-box: 256 bytes. */
export function sm4Sbox(): Uint8Array {
  sbox ??= makeSbox();
  return sbox;
}

/** The 32 round keys of a key of 16 bytes. */
export function sm4RoundKeys(key: Uint8Array): Int32Array {
  const box = sm4Sbox();
  const k = new Int32Array(4 + ROUNDS);
  for (let i = 0; i < 4; i++) k[i] = readWord(key, i * 4) ^ FK[i]!;
  for (let i = 0; i < ROUNDS; i++) {
    // CK: byte j of word i is 7 (4 i + j) mod 256.
    let ck = 0;
    for (let j = 0; j < 4; j++) ck = (ck << 8) | ((7 * (4 * i + j)) & 255);
    const x = k[i + 1]! ^ k[i + 2]! ^ k[i + 3]! ^ ck;
    const y = (box[x >>> 24]! << 24) | (box[(x >>> 16) & 255]! << 16) | (box[(x >>> 8) & 255]! << 8) | box[x & 255]!;
    k[i + 4] = k[i]! ^ y ^ rotateLeft(y, 13) ^ rotateLeft(y, 23);
  }
  return k.slice(4);
}

function makeTables(box: Uint8Array): Int32Array {
  const t = new Int32Array(4 * 256);
  for (let i = 0; i < 256; i++) {
    const x = box[i]!;
    const linear = x ^ rotateLeft(x, 2) ^ rotateLeft(x, 10) ^ rotateLeft(x, 18) ^ rotateLeft(x, 24);
    t[768 + i] = linear;
    t[512 + i] = rotateLeft(linear, 8);
    t[256 + i] = rotateLeft(linear, 16);
    t[i] = rotateLeft(linear, 24);
  }
  return t;
}

/**
 * The S-box by its algebra: S(x) = A · I(A · x + d3) + d3, I the inverse in GF(2^8) modulo SM4_POLYNOMIAL, A a circulant matrix
 * (F. Liu et al.: Analysis of the SMS4 Block Cipher, ACISP 2007).
 */
function makeSbox(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, x) => sm4Affine(inverse(sm4Affine(x))));
}

/** A · x + d3. */
export function sm4Affine(x: number): number {
  let y = 0xd3;
  // Bit i of A · x is the parity of x under a7 rotated left by i.
  for (let i = 0; i < 8; i++) y ^= parity(x & (((0xa7 << i) | (0xa7 >>> (8 - i))) & 255)) << i;
  return y;
}

function parity(x: number): number {
  let y = x ^ (x >>> 4);
  y ^= y >>> 2;
  return (y ^ (y >>> 1)) & 1;
}

/** x^254 in GF(2^8): the inverse, and 0 of 0. */
function inverse(x: number): number {
  let power = x;
  let result = 1;
  for (let i = 1; i < 8; i++) {
    power = multiply(power, power, SM4_POLYNOMIAL);
    result = multiply(result, power, SM4_POLYNOMIAL);
  }
  return result;
}
