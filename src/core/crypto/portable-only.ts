// #fast-ciphers where there is no OpenSSL: what the kernel can do alone.

import type { RandomSource } from '../../bytes/random.ts';
import type { Cipher } from './cipher.ts';
import { entropyFrom } from './entropy.ts';
import { type KernelTransformOf, kernelCipher } from './kernel-ciphers.ts';

/** The fast twin of the portable cipher `name`, by `kernel` if there is that; undefined when there is none here. */
export function fastCipher(
  name: string,
  key: Uint8Array,
  random: RandomSource,
  kernel?: KernelTransformOf,
): Cipher | undefined {
  return kernelCipher(name, key, entropyFrom(random), kernel);
}
