// Salsa20, by @stablelib/salsa20, as kcp-go uses it.

import { streamXOR } from '@stablelib/salsa20';
import type { PacketTransform } from './packet-cipher.ts';

/** Bytes at the front of a datagram that are the nonce, and stay in clear. */
const NONCE_BYTES = 8;

/** Salsa20/20 (D. Bernstein: Salsa20 specification, 2005) from byte 8 on; the nonce is what lies before. */
export class Salsa20Transform implements PacketTransform {
  readonly #key: Uint8Array;

  /** @param key 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key.slice();
  }

  encrypt(datagram: Uint8Array): void {
    const rest = datagram.subarray(NONCE_BYTES);
    streamXOR(this.#key, datagram.subarray(0, NONCE_BYTES), rest, rest);
  }

  decrypt(source: Uint8Array, target: Uint8Array): void {
    const nonce = source.subarray(0, NONCE_BYTES);
    target.set(nonce);
    streamXOR(this.#key, nonce, source.subarray(NONCE_BYTES), target.subarray(NONCE_BYTES));
  }
}
