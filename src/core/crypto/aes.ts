// AES (FIPS 197), by @stablelib/aes.

import { AES } from '@stablelib/aes';
import type { BlockCipher } from './block-cipher.ts';

/**
 * AES with a key of 16, 24 or 32 bytes. Works by table look-ups, whose time depends on key and data through the cache.
 */
export class AesBlock implements BlockCipher {
  readonly blockBytes = 16;
  readonly #aes: AES;
  readonly #bytes = new Uint8Array(16);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor(key: Uint8Array) {
    this.#aes = new AES(key, true);
  }

  encrypt(block: Int32Array): void {
    const bytes = this.#bytes;
    const view = this.#view;
    for (let i = 0; i < 4; i++) view.setInt32(4 * i, block[i]!);
    this.#aes.encryptBlock(bytes, bytes);
    for (let i = 0; i < 4; i++) block[i] = view.getInt32(4 * i);
  }
}
