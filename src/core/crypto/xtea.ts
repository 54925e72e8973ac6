// XTEA (R. Needham, D. Wheeler: Tea extensions, 1997): 64 rounds.

import { type BlockCipher, readWord } from './block-cipher.ts';

const DELTA = 0x9e3779b9;
const ROUNDS = 64;

/** XTEA with a key of 16 bytes, big-endian words, 64 rounds. */
export class XteaBlock implements BlockCipher {
  readonly blockBytes = 8;
  /** The sum plus its key word, for each round. */
  readonly #schedule = new Int32Array(ROUNDS);

  constructor(key: Uint8Array) {
    let sum = 0;
    for (let round = 0; round < ROUNDS; round += 2) {
      this.#schedule[round] = sum + readWord(key, (sum & 3) * 4);
      sum = (sum + DELTA) | 0;
      this.#schedule[round + 1] = sum + readWord(key, ((sum >>> 11) & 3) * 4);
    }
  }

  /** What the addon encrypts with (core/crypto/node/native-addon.ts). */
  get tables(): readonly Int32Array[] {
    return [this.#schedule];
  }

  encrypt(block: Int32Array): void {
    const schedule = this.#schedule;
    let y = block[0]!;
    let z = block[1]!;
    for (let round = 0; round < ROUNDS; round += 2) {
      y = (y + ((((z << 4) ^ (z >>> 5)) + z) ^ schedule[round]!)) | 0;
      z = (z + ((((y << 4) ^ (y >>> 5)) + y) ^ schedule[round + 1]!)) | 0;
    }
    block[0] = y;
    block[1] = z;
  }
}
