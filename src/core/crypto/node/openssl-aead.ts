// AES-GCM and ChaCha20-Poly1305 by OpenSSL, in kcp-go's datagram: `nonce ciphertext tag`. A cipher object is good for one packet
// only; making it, and reading the tag, is most of the time.

import type { CipherGCMTypes } from 'node:crypto';
import type { Cipher } from '../cipher.ts';
import type { EntropyPool } from '../entropy.ts';
import { sealed } from '../slabs.ts';
import { nodeCrypto } from './node-crypto.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD = NONCE_BYTES + TAG_BYTES;
const TAG = { authTagLength: TAG_BYTES };

const KEY_BYTES: Readonly<Record<string, number>> = {
  'aes-128-gcm': 16,
  'aes-192-gcm': 24,
  'aes-256-gcm': 32,
  'chacha20-poly1305': 32,
};

/** The AEAD `name`, which OpenSSL calls the same; undefined when it is not an AEAD, or not in this build. */
export function opensslAead(name: string, key: Uint8Array, entropy: EntropyPool): Cipher | undefined {
  const keyBytes = Object.hasOwn(KEY_BYTES, name) ? KEY_BYTES[name] : undefined;
  if (keyBytes !== key.length || !nodeCrypto().getCiphers().includes(name)) return undefined;
  return new OpensslAead(name, key, entropy);
}

class OpensslAead implements Cipher {
  readonly name: string;
  readonly overhead = OVERHEAD;
  readonly #algorithm: CipherGCMTypes;
  readonly #key: Uint8Array;
  readonly #entropy: EntropyPool;

  constructor(name: string, key: Uint8Array, entropy: EntropyPool) {
    this.name = name;
    // The types know ChaCha20-Poly1305 apart, with the same members.
    this.#algorithm = name as CipherGCMTypes;
    this.#key = key.slice();
    this.#entropy = entropy;
  }

  seal(packets: readonly Uint8Array[]): Uint8Array[] {
    return packets.map((packet) => {
      const length = packet.length + OVERHEAD;
      sealed.reserve(length);
      const datagram = sealed.take(length);
      this.#entropy.fill(datagram, NONCE_BYTES);
      const cipher = nodeCrypto().createCipheriv(this.#algorithm, this.#key, datagram.subarray(0, NONCE_BYTES), TAG);
      datagram.set(cipher.update(packet), NONCE_BYTES);
      cipher.final();
      datagram.set(cipher.getAuthTag(), length - TAG_BYTES);
      return datagram;
    });
  }

  open(datagrams: readonly Uint8Array[]): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (const datagram of datagrams) {
      if (datagram.length < OVERHEAD) continue;
      const tagAt = datagram.length - TAG_BYTES;
      const nonce = datagram.subarray(0, NONCE_BYTES);
      const decipher = nodeCrypto().createDecipheriv(this.#algorithm, this.#key, nonce, TAG);
      decipher.setAuthTag(datagram.subarray(tagAt));
      // OpenSSL's own memory, which is the caller's from now on.
      const packet = decipher.update(datagram.subarray(NONCE_BYTES, tagAt));
      try {
        decipher.final();
      } catch {
        // The tag is wrong.
        continue;
      }
      packets.push(new Uint8Array(packet.buffer, packet.byteOffset, packet.length));
    }
    return packets;
  }
}
