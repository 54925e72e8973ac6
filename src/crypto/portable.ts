// Ciphers in plain JavaScript, put together from their parts: the same bytes everywhere, and the measure of the faster ones.

import type { RandomSource } from '../random.ts';
import { AeadCipher } from './aead.ts';
import type { BlockCipher } from './block-cipher.ts';
import { Cfb } from './cfb.ts';
import type { Cipher } from './cipher.ts';
import { entropyFrom } from './entropy.ts';
import { PacketCipher, type PacketTransform } from './packet-cipher.ts';

/** Makes a cipher. `key` has a length that the cipher takes, and is the cipher's from now on; for `xor` it is the pad. */
export type PortableCipher = (name: string, key: Uint8Array, random: RandomSource) => Cipher;

/** Header and `Transform`. */
export function portablePlain(Transform: new (key: Uint8Array) => PacketTransform): PortableCipher {
  return (name, key, random) => new PacketCipher({ name, transform: new Transform(key), entropy: entropyFrom(random) });
}

/** Header, and `Block` in CFB mode. */
export function portableCfb(Block: new (key: Uint8Array) => BlockCipher): PortableCipher {
  return (name, key, random) =>
    new PacketCipher({ name, transform: new Cfb(new Block(key)), entropy: entropyFrom(random) });
}

/** An AEAD of @noble/ciphers with a nonce of 12 bytes. */
type NobleAead = (
  key: Uint8Array,
  nonce: Uint8Array,
) => {
  encrypt(packet: Uint8Array): Uint8Array;
  decrypt(sealed: Uint8Array): Uint8Array;
};

export function portableAead(algorithm: NobleAead): PortableCipher {
  return (name, key, random) => {
    const aead = {
      name,
      nonceBytes: 12,
      tagBytes: 16,
      seal: (nonce: Uint8Array, packet: Uint8Array) => algorithm(key, nonce).encrypt(packet),
      open: (nonce: Uint8Array, sealed: Uint8Array) => algorithm(key, nonce).decrypt(sealed),
    };
    return new AeadCipher(aead, entropyFrom(random));
  };
}
