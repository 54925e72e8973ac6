// Twofish (B. Schneier, J. Kelsey, D. Whiting, D. Wagner, C. Hall, N. Ferguson: Twofish: A 128-Bit Block Cipher, 1998).

import { type BlockCipher, rotateLeft } from './block-cipher.ts';
import { multiply } from './ghash-field.ts';

/** The 4-bit permutations t0 … t3 that q0 and q1 are made of (paper, section 4.3.5). */
const Q0 = ['817d6f320b59eca4', 'ecb81235f4a6709d', 'ba5e6d90c8f32471', 'd7f4126e9b3085ca'] as const;
const Q1 = ['28bdf76e31940ac5', '1e2b4c376da5f908', '4c75169a0ed82b3f', 'b951c3de647f208a'] as const;

const MDS = [
  [0x01, 0xef, 0x5b, 0x5b],
  [0x5b, 0xef, 0xef, 0x01],
  [0xef, 0x5b, 0x01, 0xef],
  [0xef, 0x01, 0xef, 0x5b],
] as const;
const MDS_POLYNOMIAL = 0x169;

const RS = [
  [0x01, 0xa4, 0x55, 0x87, 0x5a, 0x58, 0xdb, 0x9e],
  [0xa4, 0x56, 0x82, 0xf3, 0x1e, 0xc6, 0x68, 0xe5],
  [0x02, 0xa1, 0xfc, 0xc1, 0x47, 0xae, 0x3d, 0x19],
  [0xa4, 0x55, 0x87, 0x5a, 0x58, 0xdb, 0x9e, 0x03],
] as const;
const RS_POLYNOMIAL = 0x14d;

/**
 * Which of q0 and q1 each byte of h goes through, innermost first: with a key of 32 bytes all five, of 24 the last four, of
 * 16 the last three (paper, section 4.3.2, figure 3).
 */
const H_ORDER = [
  [1, 0, 0, 1],
  [1, 1, 0, 0],
  [0, 1, 0, 1],
  [0, 0, 1, 1],
  [1, 0, 1, 0],
] as const;

interface Tables {
  readonly q: readonly [Uint8Array, Uint8Array];
  /** Column i of the MDS matrix times each byte, as a little-endian word. */
  readonly mds: readonly Int32Array[];
}

let tables: Tables | undefined;

/** Twofish with a key of 16, 24 or 32 bytes, its S-boxes worked out for the key ("full keying"): 4 KiB. */
export class TwofishBlock implements BlockCipher {
  readonly blockBytes = 16;
  readonly #subkeys = new Int32Array(40);
  readonly #sboxes = new Int32Array(4 * 256);

  constructor(key: Uint8Array) {
    tables ??= makeTables();
    const { q, mds } = tables;
    const pairs = key.length / 8;
    const even = Array.from({ length: pairs }, (_, i) => key.subarray(8 * i, 8 * i + 4));
    const odd = Array.from({ length: pairs }, (_, i) => key.subarray(8 * i + 4, 8 * i + 8));
    for (let i = 0; i < 20; i++) {
      const a = h(2 * i, even, q, mds);
      const b = rotateLeft(h(2 * i + 1, odd, q, mds), 8);
      this.#subkeys[2 * i] = a + b;
      this.#subkeys[2 * i + 1] = rotateLeft((a + 2 * b) | 0, 9);
    }
    const sboxKey = Array.from({ length: pairs }, (_, i) => reedSolomon(key.subarray(8 * i, 8 * i + 8))).reverse();
    for (let column = 0; column < 4; column++) {
      for (let x = 0; x < 256; x++) {
        this.#sboxes[column * 256 + x] = mds[column]![throughQ(x, column, sboxKey, q)]!;
      }
    }
  }

  /** What the addon encrypts with (core/crypto/node/native-addon.ts). */
  get tables(): readonly Int32Array[] {
    return [this.#subkeys, this.#sboxes];
  }

  encrypt(block: Int32Array): void {
    const k = this.#subkeys;
    const s = this.#sboxes;
    let a = reverseBytes(block[0]!) ^ k[0]!;
    let b = reverseBytes(block[1]!) ^ k[1]!;
    let c = reverseBytes(block[2]!) ^ k[2]!;
    let d = reverseBytes(block[3]!) ^ k[3]!;
    for (let i = 8; i < 40; i += 4) {
      let t = s[256 + (b & 255)]! ^ s[512 + ((b >>> 8) & 255)]! ^ s[768 + ((b >>> 16) & 255)]! ^ s[b >>> 24]!;
      let u = s[a & 255]! ^ s[256 + ((a >>> 8) & 255)]! ^ s[512 + ((a >>> 16) & 255)]! ^ s[768 + (a >>> 24)]!;
      u = (u + t) | 0;
      c ^= u + k[i]!;
      c = (c >>> 1) | (c << 31);
      d = ((d << 1) | (d >>> 31)) ^ (u + t + k[i + 1]!);
      t = s[256 + (d & 255)]! ^ s[512 + ((d >>> 8) & 255)]! ^ s[768 + ((d >>> 16) & 255)]! ^ s[d >>> 24]!;
      u = s[c & 255]! ^ s[256 + ((c >>> 8) & 255)]! ^ s[512 + ((c >>> 16) & 255)]! ^ s[768 + (c >>> 24)]!;
      u = (u + t) | 0;
      a ^= u + k[i + 2]!;
      a = (a >>> 1) | (a << 31);
      b = ((b << 1) | (b >>> 31)) ^ (u + t + k[i + 3]!);
    }
    block[0] = reverseBytes(c ^ k[4]!);
    block[1] = reverseBytes(d ^ k[5]!);
    block[2] = reverseBytes(a ^ k[6]!);
    block[3] = reverseBytes(b ^ k[7]!);
  }
}

/** The function h of four equal bytes `x`, as the subkeys need it. */
function h(x: number, list: readonly Uint8Array[], q: Tables['q'], mds: readonly Int32Array[]): number {
  let word = 0;
  for (let column = 0; column < 4; column++) word ^= mds[column]![throughQ(x, column, list, q)]!;
  return word;
}

/** One byte through the q permutations of its column, a byte of the list XORed in between. */
function throughQ(x: number, column: number, list: readonly Uint8Array[], q: Tables['q']): number {
  let y = x;
  for (let i = list.length; i >= 0; i--) {
    const order = H_ORDER[4 - i]!;
    y = q[order[column]!]![y]!;
    if (i > 0) y ^= list[i - 1]![column]!;
  }
  return y;
}

function reedSolomon(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(RS, (row) => row.reduce((sum, f, i) => sum ^ multiply(f, bytes[i]!, RS_POLYNOMIAL), 0));
}

function makeTables(): Tables {
  const mds = Array.from({ length: 4 }, (_, column) =>
    Int32Array.from({ length: 256 }, (_, x) =>
      MDS.reduce((word, row, i) => word | (multiply(row[column]!, x, MDS_POLYNOMIAL) << (8 * i)), 0),
    ),
  );
  return { q: [permutation(Q0), permutation(Q1)], mds };
}

/** q0 or q1 (paper, section 4.3.5). */
function permutation(t: readonly string[]): Uint8Array {
  const nibble = (table: number, x: number): number => Number.parseInt(t[table]![x]!, 16);
  const mix = (a: number, b: number): number => a ^ (((b >>> 1) | (b << 3)) & 15) ^ ((8 * a) & 15);
  return Uint8Array.from({ length: 256 }, (_, x) => {
    let a = x >>> 4;
    let b = x & 15;
    for (const table of [0, 2]) {
      const sum = a ^ b;
      const mixed = mix(a, b);
      a = nibble(table, sum);
      b = nibble(table + 1, mixed);
    }
    return (b << 4) | a;
  });
}

/** Twofish's words are little-endian. */
function reverseBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
