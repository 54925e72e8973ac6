// Ciphers with random 12-byte nonces are good for 2^32 packets a key: this counts them.

import type { OptionNames } from '../../check.ts';
import type { Cipher } from './cipher.ts';
import { NONCE_MEMORY_NAMES, type NonceMemoryOptions } from './one-end.ts';
import { CIPHER_NAMES, type CipherOptions } from './options.ts';

/** When to be told that a key has been used long enough. */
export interface SealLimitOptions {
  /** After how many packets sealed `onSealLimit` is called. Default 2^31, half of what 12-byte nonces are good for. */
  readonly sealLimit?: number;
  /**
   * Called once, right before this cipher seals the burst that makes it `sealLimit` packets: time for another key. All
   * ends that seal with one key share its nonces, so each may use only a part of the limit. Default: none. Must not throw.
   */
  readonly onSealLimit?: (sealed: number) => void;
}

/** Options of the AEAD ciphers. */
export interface AeadOptions extends CipherOptions, SealLimitOptions, NonceMemoryOptions {}

/** Names of the options of the AEAD ciphers. */
export const AEAD_NAMES: OptionNames<AeadOptions> = {
  ...CIPHER_NAMES,
  ...NONCE_MEMORY_NAMES,
  sealLimit: true,
  onSealLimit: true,
};

/** `cipher`, counting what it seals if there is anyone to tell. */
export function withSealLimit(cipher: Cipher, options: SealLimitOptions): Cipher {
  const { sealLimit = 2 ** 31, onSealLimit } = options;
  if (onSealLimit === undefined) return cipher;
  let sealed = 0;
  return {
    name: cipher.name,
    overhead: cipher.overhead,
    seal(packets, memory) {
      const before = sealed;
      sealed += packets.length;
      // Not between sealing and sending: who is told may send something, too, after which a link uses its memory again.
      if (before < sealLimit && sealed >= sealLimit) onSealLimit(sealed);
      return cipher.seal(packets, memory);
    },
    open: (datagrams, memory) => cipher.open(datagrams, memory),
  };
}
