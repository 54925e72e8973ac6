// CAST-128, also called CAST5 (RFC 2144), with a key of 128 bits: 16 rounds.

import { type BlockCipher, readWord, writeWord } from './block-cipher.ts';
import { castSboxes } from './cast5-sboxes.ts';

/*
 * The key schedule of RFC 2144, section 2.4, as data. `x` and `z` of the RFC are bytes 00–0f and 10–1f of one array.
 * A step `t s a b c d e` stores t…t+3 = s…s+3 ^ S5[a] ^ S6[b] ^ S7[c] ^ S8[d] ^ S?[e], S? being S7, S8, S5, S6 in turn;
 * a key `a b c d e` is S5[a] ^ S6[b] ^ S7[c] ^ S8[d] ^ S?[e], S? being S5, S6, S7, S8 in turn.
 */
const Z_FROM_X = ['10000d0f0c0e08', '1408101211130a', '180c1716151409', '1c041a191b180b'];
const X_FROM_Z = ['00181517141610', '04100002010312', '08140706050411', '0c1c0a090b0813'];
const KEYS = [
  ['1819171612', '1a1b151416', '1c1d131219', '1e1f11101c'],
  ['03020c0d08', '01000e0f0d', '0706080903', '05040a0b07'],
  ['13121c1d19', '11101e1f1c', '1716181912', '15141a1b16'],
  ['0809070603', '0a0b050407', '0c0d030208', '0e0f01000d'],
];

let sboxes: Int32Array | undefined;

/** CAST-128 with a key of 16 bytes. */
export class Cast5Block implements BlockCipher {
  readonly blockBytes = 8;
  readonly #sboxes: Int32Array;
  /** Km1 … Km16. */
  readonly #masks: Int32Array;
  /** Kr1 … Kr16. */
  readonly #rotations: Int32Array;

  constructor(key: Uint8Array) {
    sboxes ??= castSboxes();
    this.#sboxes = sboxes;
    const subkeys = expandKey(key, sboxes);
    this.#masks = subkeys.slice(0, 16);
    this.#rotations = subkeys.slice(16).map((word) => word & 31);
  }

  /** What the addon encrypts with (core/crypto/node/native-addon.ts). */
  get tables(): readonly Int32Array[] {
    return [this.#sboxes.subarray(0, 1024), this.#masks, this.#rotations];
  }

  encrypt(block: Int32Array): void {
    const s = this.#sboxes;
    const masks = this.#masks;
    const rotations = this.#rotations;
    let left = block[0]!;
    let right = block[1]!;
    // Rounds of types 1, 2 and 3 in turn; the sixteenth, of type 1, is the last.
    for (let round = 0; ; round += 3) {
      let x = (masks[round]! + right) | 0;
      let bits = rotations[round]!;
      x = (x << bits) | (x >>> -bits);
      const next =
        left ^
        (((s[x >>> 24]! ^ s[256 + ((x >>> 16) & 255)]!) - s[512 + ((x >>> 8) & 255)]! + s[768 + (x & 255)]!) | 0);
      if (round === 15) {
        block[0] = next;
        block[1] = right;
        return;
      }
      x = masks[round + 1]! ^ next;
      bits = rotations[round + 1]!;
      x = (x << bits) | (x >>> -bits);
      const afterNext =
        right ^ ((s[x >>> 24]! - s[256 + ((x >>> 16) & 255)]! + s[512 + ((x >>> 8) & 255)]!) ^ s[768 + (x & 255)]!);
      x = (masks[round + 2]! - afterNext) | 0;
      bits = rotations[round + 2]!;
      x = (x << bits) | (x >>> -bits);
      left = afterNext;
      right =
        next ^
        ((((s[x >>> 24]! + s[256 + ((x >>> 16) & 255)]!) ^ s[512 + ((x >>> 8) & 255)]!) - s[768 + (x & 255)]!) | 0);
    }
  }
}

function expandKey(key: Uint8Array, s: Int32Array): Int32Array {
  const bytes = new Uint8Array(32);
  bytes.set(key);
  const look = (at: Uint8Array, lastBox: number): number =>
    [4, 5, 6, 7, lastBox].reduce((word, box, i) => word ^ s[256 * box + bytes[at[i]!]!]!, 0);
  const subkeys: number[] = [];
  for (let half = 0; half < 2; half++) {
    KEYS.forEach((keys, i) => {
      (i % 2 === 0 ? Z_FROM_X : X_FROM_Z).forEach((step, j) => {
        const at = fromHex(step);
        writeWord(bytes, at[0]!, readWord(bytes, at[1]!) ^ look(at.subarray(2), [6, 7, 4, 5][j]!));
      });
      keys.forEach((at, j) => {
        subkeys.push(look(fromHex(at), 4 + j));
      });
    });
  }
  return Int32Array.from(subkeys);
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g)!, (byte) => Number.parseInt(byte, 16));
}
