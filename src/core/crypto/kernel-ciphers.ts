// The ciphers that the kernel does alone, on every platform that has WebAssembly SIMD: salsa20, sm4, 3des, xor and none.

import { extension } from '../../wasm/extension.ts';
import { type DesExports, type Kernel, loadKernel, type Sm4Exports, type XorExports } from '../../wasm/kernel.ts';
import { DES_AT, KEY_AT, KEY_BYTES } from '../../wasm/layout.ts';
import { DES_MODULE, SM4_MODULE, XOR_MODULE } from '../../wasm/module.ts';
import { readWord, writeWord } from './block-cipher.ts';
import { CFB_IV } from './cfb.ts';
import type { Cipher } from './cipher.ts';
import type { EntropyPool } from './entropy.ts';
import { KernelCipher, type KernelTransform, plainFormat } from './kernel-cipher.ts';
import { Sm4Block, sm4RoundKeys } from './sm4.ts';
import { sm4TowerTables } from './sm4-tower.ts';
import { desBoxes, TripleDesBlock, tripleDesSubkeys } from './triple-des.ts';

/**
 * Makes what the kernel does for one cipher. Each factory brings its own, so that a bundle has no cipher that it does not use. The key may
 * be kept.
 */
export type KernelTransformOf = (kernel: Kernel, key: Uint8Array) => KernelTransform;

/** The cipher whose work `transformOf` does; undefined when there is no kernel here, or the key is too long for it. */
export function kernelCipher(
  name: string,
  key: Uint8Array,
  entropy: EntropyPool,
  transformOf: KernelTransformOf | undefined,
): Cipher | undefined {
  if (transformOf === undefined || key.length > KEY_BYTES) return undefined;
  const kernel = loadKernel();
  return kernel && new KernelCipher(name, kernel, plainFormat(kernel, transformOf(kernel, key.slice())), entropy);
}

/** Salsa20, with nonces of 8 bytes in front. */
export function kernelSalsa20(kernel: Kernel, key: Uint8Array): KernelTransform {
  return symmetric((count) => {
    kernel.bytes.set(key, KEY_AT);
    kernel.salsa20(count);
    return undefined;
  });
}

/** XOR; the key is the pad. */
export function kernelXor(kernel: Kernel, key: Uint8Array): KernelTransform {
  const xor = extension<XorExports>(kernel, XOR_MODULE);
  return symmetric((count) => {
    kernel.bytes.set(key, KEY_AT);
    xor.pad(count, key.length);
    return undefined;
  });
}

/** Nothing but the header. */
export function kernelNone(): KernelTransform {
  return symmetric(() => undefined);
}

function symmetric(apply: (count: number) => undefined): KernelTransform {
  return { encrypt: apply, decrypt: apply };
}

/** Triple DES in CFB mode. To encrypt, it works on four datagrams at a time, and is slow with fewer. */
export function kernelTripleDes(kernel: Kernel, key: Uint8Array): KernelTransform {
  const des = extension<DesExports>(kernel, DES_MODULE);
  const xor = extension<XorExports>(kernel, XOR_MODULE);
  const block = new TripleDesBlock(key);
  const first = Int32Array.from({ length: 2 }, (_, i) => readWord(CFB_IV, 4 * i));
  block.encrypt(first);
  const firstBlock = new Uint8Array(8);
  for (const [i, word] of first.entries()) writeWord(firstBlock, 4 * i, word);
  const boxes = desBoxes();
  const tables = new Uint32Array([...boxes, ...tripleDesSubkeys(key)]);
  const prepare = (): void => {
    kernel.bytes.set(firstBlock, KEY_AT);
    kernel.words.set(tables, DES_AT >> 2);
  };
  return {
    encrypt(count) {
      prepare();
      des.desEncrypt(count);
      xor.feedback(count, block.blockBytes);
      return undefined;
    },
    decrypt(count, end) {
      prepare();
      des.desDecrypt(end);
      xor.feedback(count, block.blockBytes);
      return undefined;
    },
  };
}

let towerTables: Uint8Array | undefined;

/** SM4 in CFB mode. To encrypt, it works on eight datagrams at a time, and is slow with fewer. */
export function kernelSm4(kernel: Kernel, key: Uint8Array): KernelTransform {
  const sm4 = extension<Sm4Exports>(kernel, SM4_MODULE);
  const xor = extension<XorExports>(kernel, XOR_MODULE);
  const block = new Sm4Block(key);
  const first = Int32Array.from({ length: 4 }, (_, i) => readWord(CFB_IV, 4 * i));
  block.encrypt(first);
  towerTables ??= sm4TowerTables();
  const state = new Uint8Array(16 + towerTables.length + 4 * 32);
  for (const [i, word] of first.entries()) writeWord(state, 4 * i, word);
  state.set(towerTables, 16);
  new Int32Array(state.buffer, 16 + towerTables.length).set(sm4RoundKeys(key));
  return {
    encrypt(count) {
      kernel.bytes.set(state, KEY_AT);
      sm4.sm4Encrypt(count);
      xor.feedback(count, block.blockBytes);
      return undefined;
    },
    decrypt(count, end) {
      kernel.bytes.set(state, KEY_AT);
      sm4.sm4Decrypt(end);
      xor.feedback(count, block.blockBytes);
      return undefined;
    },
  };
}
