// kcptun's names of ciphers, and its key.

import {
  aes128,
  aes192,
  aes256,
  aesGcm,
  blowfish,
  type Cipher,
  cast5,
  deriveKey,
  none,
  salsa20,
  sm4,
  tea,
  tripleDes,
  twofish,
  xor,
  xtea,
} from 'rxkcp';
import { UsageError } from './usage-error.ts';

/** Each takes the head of the derived key (kcptun client/main.go). */
const CIPHERS: Readonly<Record<string, { readonly bytes: number; readonly make: (key: Uint8Array) => Cipher }>> = {
  aes: { bytes: 32, make: aes256 },
  'aes-128': { bytes: 16, make: aes128 },
  'aes-192': { bytes: 24, make: aes192 },
  'aes-128-gcm': { bytes: 16, make: aesGcm },
  salsa20: { bytes: 32, make: salsa20 },
  blowfish: { bytes: 32, make: blowfish },
  twofish: { bytes: 32, make: twofish },
  cast5: { bytes: 16, make: cast5 },
  '3des': { bytes: 24, make: tripleDes },
  tea: { bytes: 16, make: tea },
  xtea: { bytes: 16, make: xtea },
  xor: { bytes: 32, make: xor },
  sm4: { bytes: 16, make: sm4 },
  none: { bytes: 32, make: none },
};

export const CIPHER_NAMES = [...Object.keys(CIPHERS), 'null'];

/** The cipher of that name with the key of that password; undefined for `null`, which has no header at all. @throws UsageError */
export function cipherOf(crypt: string, key: string): Cipher | undefined {
  if (crypt === 'null') return undefined;
  const cipher = Object.hasOwn(CIPHERS, crypt) ? CIPHERS[crypt] : undefined;
  if (!cipher) {
    throw new UsageError(
      `--crypt must be one of ${CIPHER_NAMES.join(', ')}, got ${JSON.stringify(crypt)} (kcptun would use aes)`,
    );
  }
  return cipher.make(deriveKey(key).subarray(0, cipher.bytes));
}
