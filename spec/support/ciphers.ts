// Every cipher of kcp-go by its name, which the kcp-go programs (spec/interop/peers/go) share.

import type * as rxkcp from 'rxkcp';

type Factory =
  | 'aes128'
  | 'aes192'
  | 'aes256'
  | 'sm4'
  | 'tea'
  | 'xtea'
  | 'tripleDes'
  | 'blowfish'
  | 'cast5'
  | 'twofish'
  | 'salsa20'
  | 'xor'
  | 'none'
  | 'aesGcm'
  | 'chacha20Poly1305';

/** What makes ciphers from keys. */
type Factories = Pick<typeof rxkcp, Factory>;

/** The key of each cipher, by its name as kcptun writes it (`aes` is AES-256), in bytes; 32, as kcptun's, where any length will do. */
export const KEY_BYTES = {
  'aes-128': 16,
  'aes-192': 24,
  aes: 32,
  sm4: 16,
  tea: 16,
  xtea: 16,
  '3des': 24,
  blowfish: 32,
  cast5: 16,
  twofish: 32,
  salsa20: 32,
  xor: 32,
  none: 32,
  'aes-128-gcm': 16,
  'aes-192-gcm': 24,
  'aes-256-gcm': 32,
  'chacha20-poly1305': 32,
};

export type CipherName = keyof typeof KEY_BYTES;

export const CIPHER_NAMES = Object.keys(KEY_BYTES) as CipherName[];

const FACTORIES: Readonly<Record<CipherName, Factory>> = {
  'aes-128': 'aes128',
  'aes-192': 'aes192',
  aes: 'aes256',
  sm4: 'sm4',
  tea: 'tea',
  xtea: 'xtea',
  '3des': 'tripleDes',
  blowfish: 'blowfish',
  cast5: 'cast5',
  twofish: 'twofish',
  salsa20: 'salsa20',
  xor: 'xor',
  none: 'none',
  'aes-128-gcm': 'aesGcm',
  'aes-192-gcm': 'aesGcm',
  'aes-256-gcm': 'aesGcm',
  'chacha20-poly1305': 'chacha20Poly1305',
};

export function makeCipher(
  factories: Factories,
  name: CipherName,
  key: Uint8Array,
  options: rxkcp.CipherOptions = {},
): rxkcp.Cipher {
  return factories[FACTORIES[name]](key, options);
}
