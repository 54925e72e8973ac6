// Every cipher in plain JavaScript: the same bytes everywhere, and the measure of the faster ones.

import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import type { RandomSource } from '../random.ts';
import { AeadCipher } from './aead.ts';
import { AesBlock } from './aes.ts';
import type { BlockCipher } from './block-cipher.ts';
import { BlowfishBlock } from './blowfish.ts';
import { Cast5Block } from './cast5.ts';
import { Cfb } from './cfb.ts';
import type { Cipher } from './cipher.ts';
import { entropyFrom } from './entropy.ts';
import { PacketCipher, type PacketTransform } from './packet-cipher.ts';
import { Salsa20Transform } from './salsa20.ts';
import { Sm4Block } from './sm4.ts';
import { TeaBlock } from './tea.ts';
import { TripleDesBlock } from './triple-des.ts';
import { TwofishBlock } from './twofish.ts';
import { identityTransform, XorTransform } from './xor.ts';
import { XteaBlock } from './xtea.ts';

const BLOCKS = {
  'aes-128': AesBlock,
  'aes-192': AesBlock,
  aes: AesBlock,
  sm4: Sm4Block,
  tea: TeaBlock,
  xtea: XteaBlock,
  '3des': TripleDesBlock,
  blowfish: BlowfishBlock,
  cast5: Cast5Block,
  twofish: TwofishBlock,
} satisfies Record<string, new (key: Uint8Array) => BlockCipher>;

const TRANSFORMS = {
  salsa20: (key: Uint8Array) => new Salsa20Transform(key),
  xor: (pad: Uint8Array) => new XorTransform(pad),
  none: () => identityTransform,
} satisfies Record<string, (key: Uint8Array) => PacketTransform>;

// kcptun has none of the last three; they are called after its `aes-128-gcm`, and after the RFC.
const AEADS = {
  'aes-128-gcm': gcm,
  'aes-192-gcm': gcm,
  'aes-256-gcm': gcm,
  'chacha20-poly1305': chacha20poly1305,
};

/** The names of the ciphers, as kcptun writes them: `aes` is AES-256. */
export type CipherName = keyof typeof BLOCKS | keyof typeof TRANSFORMS | keyof typeof AEADS;

/** The cipher `name`. `key` has a length that the cipher takes, and is the cipher's from now on; for `xor` it is the pad. */
export function portableCipher(name: CipherName, key: Uint8Array, random: RandomSource): Cipher {
  const entropy = entropyFrom(random);
  if (name in AEADS) {
    const algorithm = AEADS[name as keyof typeof AEADS];
    const aead = {
      name,
      nonceBytes: 12,
      tagBytes: 16,
      seal: (nonce: Uint8Array, packet: Uint8Array) => algorithm(key, nonce).encrypt(packet),
      open: (nonce: Uint8Array, sealed: Uint8Array) => algorithm(key, nonce).decrypt(sealed),
    };
    return new AeadCipher(aead, entropy);
  }
  const transform =
    name in BLOCKS
      ? new Cfb(new BLOCKS[name as keyof typeof BLOCKS](key))
      : TRANSFORMS[name as keyof typeof TRANSFORMS](key);
  return new PacketCipher({ name, transform, entropy });
}
