// Blowfish (B. Schneier: Description of a New Variable-Length Key, 64-Bit Block Cipher, 1993).

import type { BlockCipher } from './block-cipher.ts';
import { piWords } from './pi.ts';

const SUBKEYS = 18;
const SBOX_WORDS = 4 * 256;

let pi: Int32Array | undefined;

/** Blowfish with a key of 1 to 56 bytes. */
export class BlowfishBlock implements BlockCipher {
  readonly blockBytes = 8;
  readonly #subkeys: Int32Array;
  readonly #sboxes: Int32Array;

  constructor(key: Uint8Array) {
    pi ??= piWords(SUBKEYS + SBOX_WORDS);
    this.#subkeys = pi.slice(0, SUBKEYS);
    this.#sboxes = pi.slice(SUBKEYS);
    for (let i = 0, next = 0; i < SUBKEYS; i++) {
      let word = 0;
      for (let j = 0; j < 4; j++, next = (next + 1) % key.length) word = (word << 8) | key[next]!;
      this.#subkeys[i]! ^= word;
    }
    const block = new Int32Array(2);
    for (const table of [this.#subkeys, this.#sboxes]) {
      for (let i = 0; i < table.length; i += 2) {
        this.encrypt(block);
        table.set(block, i);
      }
    }
  }

  /** What the addon encrypts with (core/crypto/node/native-addon.ts). */
  get tables(): readonly Int32Array[] {
    return [this.#subkeys, this.#sboxes];
  }

  encrypt(block: Int32Array): void {
    const p = this.#subkeys;
    const s = this.#sboxes;
    let left = block[0]! ^ p[0]!;
    let right = block[1]!;
    for (let round = 1; round < 17; round += 2) {
      right ^=
        p[round]! ^
        (((s[left >>> 24]! + s[256 + ((left >>> 16) & 255)]!) ^ s[512 + ((left >>> 8) & 255)]!) +
          s[768 + (left & 255)]!);
      left ^=
        p[round + 1]! ^
        (((s[right >>> 24]! + s[256 + ((right >>> 16) & 255)]!) ^ s[512 + ((right >>> 8) & 255)]!) +
          s[768 + (right & 255)]!);
    }
    block[0] = right ^ p[17]!;
    block[1] = left;
  }
}
