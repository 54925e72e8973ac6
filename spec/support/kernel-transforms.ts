// What the kernel does, by the name of the cipher: for specs that go through all of them.

import {
  type KernelTransformOf,
  kernelNone,
  kernelSalsa20,
  kernelSm4,
  kernelTripleDes,
  kernelXor,
} from '../../src/core/crypto/kernel-ciphers.ts';

export const KERNEL_TRANSFORMS: Readonly<Record<string, KernelTransformOf>> = {
  '3des': kernelTripleDes,
  none: kernelNone,
  salsa20: kernelSalsa20,
  sm4: kernelSm4,
  xor: kernelXor,
};
