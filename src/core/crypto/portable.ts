// Ciphers in plain JavaScript, put together from their parts: the same bytes everywhere, and the measure of the faster ones.

import type { RandomSource } from '../../bytes/random.ts';
import { type Aead, AeadCipher } from './aead.ts';
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

/** An AEAD with its key, a nonce of 12 bytes and a tag of 16. */
export type KeyedAead = Pick<Aead, 'seal' | 'open'>;

export function portableAead(keyed: (key: Uint8Array) => KeyedAead): PortableCipher {
  return (name, key, random) =>
    new AeadCipher({ name, nonceBytes: 12, tagBytes: 16, ...keyed(key) }, entropyFrom(random));
}
