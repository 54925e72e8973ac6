// ChaCha20-Poly1305 (RFC 8439), by @noble/ciphers.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import type { KeyedAead } from './portable.ts';

/** ChaCha20-Poly1305 with a key of 32 bytes, in time that depends on nothing but lengths. */
export function chacha20Poly1305Aead(key: Uint8Array): KeyedAead {
  return {
    seal: (nonce, packet) => chacha20poly1305(key, nonce).encrypt(packet),
    open: (nonce, sealed) => chacha20poly1305(key, nonce).decrypt(sealed),
  };
}
