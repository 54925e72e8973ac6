// #fast-ciphers on Node: the addon, else OpenSSL through node:crypto, and the kernel.

import type { RandomSource } from '../../../bytes/random.ts';
import type { Cipher } from '../cipher.ts';
import { entropyFrom } from '../entropy.ts';
import { type KernelTransformOf, kernelCipher } from '../kernel-ciphers.ts';
import { nativeCipher } from './native-cipher.ts';
import { opensslAead } from './openssl-aead.ts';
import { opensslCfb } from './openssl-cfb.ts';
import { opensslGcm } from './openssl-gcm.ts';

/**
 * The fast twin of the portable cipher `name`, at last by `kernel` if there is that; undefined when there is none here, and when the environment has RXKCP_PORTABLE set to
 * anything: the off switch, for when the fast ones are suspected.
 */
export function fastCipher(
  name: string,
  key: Uint8Array,
  random: RandomSource,
  kernel?: KernelTransformOf,
): Cipher | undefined {
  if (process.env.RXKCP_PORTABLE) return undefined;
  const entropy = entropyFrom(random);
  return (
    nativeCipher(name, key, entropy) ??
    opensslCfb(name, key, random) ??
    opensslGcm(name, key, entropy) ??
    opensslAead(name, key, entropy) ??
    kernelCipher(name, key, entropy, kernel)
  );
}
