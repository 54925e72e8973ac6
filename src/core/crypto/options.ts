// What all ciphers can be made with.

import type { RandomSource } from '../../bytes/random.ts';
import type { OptionNames } from '../../check.ts';

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

/** Names of the options of all ciphers. */
export const CIPHER_NAMES: OptionNames<CipherOptions> = { random: true, portable: true };
