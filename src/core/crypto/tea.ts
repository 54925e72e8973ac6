// TEA (D. Wheeler, R. Needham: TEA, a Tiny Encryption Algorithm, 1994) as kcp-go uses it: 16 rounds.

import { type BlockCipher, readWord } from './block-cipher.ts';

const DELTA = 0x9e3779b9;
/** Two rounds each: kcp-go asks for 16 rounds, where the paper has 64. */
const KCP_CYCLES = 8;

/** TEA with a key of 16 bytes, big-endian words. */
export class TeaBlock implements BlockCipher {
  readonly blockBytes = 8;
  readonly #cycles: number;
  readonly #key: Int32Array;

  constructor(key: Uint8Array, cycles = KCP_CYCLES) {
    this.#cycles = cycles;
    this.#key = Int32Array.from([0, 4, 8, 12], (at) => readWord(key, at));
  }

  /** What the addon encrypts with (core/crypto/node/native-addon.ts). */
  get tables(): readonly Int32Array[] {
    return [this.#key];
  }

  encrypt(block: Int32Array): void {
    const cycles = this.#cycles;
    // Words of a typed array are known to be integers: with a field for each this took twice as long (V8 11).
    const key = this.#key;
    const k0 = key[0]!;
    const k1 = key[1]!;
    const k2 = key[2]!;
    const k3 = key[3]!;
    let y = block[0]!;
    let z = block[1]!;
    let sum = 0;
    for (let cycle = 0; cycle < cycles; cycle++) {
      sum = (sum + DELTA) | 0;
      y = (y + (((z << 4) + k0) ^ (z + sum) ^ ((z >>> 5) + k1))) | 0;
      z = (z + (((y << 4) + k2) ^ (y + sum) ^ ((y >>> 5) + k3))) | 0;
    }
    block[0] = y;
    block[1] = z;
  }
}
