// AES-GCM (NIST SP 800-38D) without additional data, of parts: AES and its counter mode by @stablelib, GHASH by @noble/ciphers. The
// latter's own AES-GCM makes 1.3 MB of tables when it is loaded, which every program would wait for.

import { GHASH } from '@noble/ciphers/_polyval.js';
import { equalBytes } from '@noble/ciphers/utils.js';
import { AES } from '@stablelib/aes';
import { CTR } from '@stablelib/ctr';
import type { KeyedAead } from './portable.ts';

/** Bytes of a block, and of the tag. */
const BLOCK_BYTES = 16;

/**
 * AES-GCM with a key of 16, 24 or 32 bytes. Works by table look-ups, whose time depends on key and data through the cache.
 */
export function aesGcmAead(key: Uint8Array): KeyedAead {
  const aes = new AES(key, true);
  const hashKey = new Uint8Array(BLOCK_BYTES);
  aes.encryptBlock(hashKey, hashKey);

  /** The keystream of a packet, after the block that masks its tag. */
  function keystream(nonce: Uint8Array): { readonly mask: Uint8Array; readonly stream: CTR } {
    const counter = new Uint8Array(BLOCK_BYTES);
    counter.set(nonce);
    counter[BLOCK_BYTES - 1] = 1;
    const stream = new CTR(aes, counter);
    const mask = new Uint8Array(BLOCK_BYTES);
    stream.stream(mask);
    return { mask, stream };
  }

  function tagOf(ciphertext: Uint8Array, mask: Uint8Array): Uint8Array {
    const lengths = new Uint8Array(BLOCK_BYTES);
    new DataView(lengths.buffer).setUint32(BLOCK_BYTES - 4, 8 * ciphertext.length);
    const hash = new GHASH(hashKey, ciphertext.length).update(ciphertext).update(lengths).digest();
    return hash.map((byte, i) => byte ^ mask[i]!);
  }

  return {
    seal(nonce, packet) {
      const sealed = new Uint8Array(packet.length + BLOCK_BYTES);
      const ciphertext = sealed.subarray(0, packet.length);
      const { mask, stream } = keystream(nonce);
      stream.streamXOR(packet, ciphertext);
      sealed.set(tagOf(ciphertext, mask), packet.length);
      return sealed;
    },
    open(nonce, sealed) {
      const ciphertext = sealed.subarray(0, -BLOCK_BYTES);
      const { mask, stream } = keystream(nonce);
      if (!equalBytes(tagOf(ciphertext, mask), sealed.subarray(-BLOCK_BYTES))) return undefined;
      const packet = new Uint8Array(ciphertext.length);
      stream.streamXOR(ciphertext, packet);
      return packet;
    },
  };
}
