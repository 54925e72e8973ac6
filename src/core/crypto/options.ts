// What all ciphers can be made with.

import type { RandomSource } from '../../bytes/random.ts';
import type { OptionNames } from '../../check.ts';
import type { SealLimitOptions } from './seal-limit.ts';

/** Options of all ciphers. */
export interface CipherOptions {
  /**
   * Where nonces come from. Default: the system's generator. The bytes of another one are the nonces; of the system's, some ciphers
   * make nonces that are as random.
   */
  readonly random?: RandomSource;
  /**
   * Whether to do it all in plain JavaScript, even where the addon, OpenSSL or WebAssembly would be faster. The datagrams are the same.
   * Default: false.
   */
  readonly portable?: boolean;
}

/** Options of the AEAD ciphers. */
export interface AeadOptions extends CipherOptions, SealLimitOptions {}

/** Names of the options of all ciphers. */
export const CIPHER_NAMES: OptionNames<CipherOptions> = { random: true, portable: true };

/** Names of the options of the AEAD ciphers. */
export const AEAD_NAMES: OptionNames<AeadOptions> = { ...CIPHER_NAMES, sealLimit: true, onSealLimit: true };
