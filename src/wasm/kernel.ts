// The SIMD kernel: WebAssembly with a fixed memory of 384 KiB, made when it is first asked for and shared by all ciphers.
// Bursts are copied in, worked on in place, and copied out; nothing in the memory means anything between two calls.

import { instantiate } from './instantiate.ts';
import { LENGTHS_AT, MAX_DATAGRAMS } from './layout.ts';
import { KERNEL_MODULE } from './module.ts';

/** `count` is always the number of datagrams that lie at DATAGRAMS_AT, with their lengths at LENGTHS_AT. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** CRC-32 (IEEE) of `length` bytes at `at`, as a signed number. */
  crc32(at: number, length: number): number;
  /** Writes the headers: the nonce at NONCES_AT, and the CRC of what follows. */
  stamp(count: number): void;
  /** Checks the CRC of each datagram; negates the lengths of those where it is wrong. */
  verify(count: number): void;
  /** Salsa20 as kcp-go uses it, with the key at KEY_AT. */
  salsa20(count: number): void;
  /** The keystreams of SM4 in CFB mode, for `feedback`; at KEY_AT the first block, the tables of the S-box, and the round keys. */
  sm4Encrypt(count: number): void;
  sm4Decrypt(end: number): void;
  /** The same of Triple DES; at KEY_AT the first block, at DES_AT the S-boxes and the subkeys. */
  desEncrypt(count: number): void;
  desDecrypt(end: number): void;
  /** CFB's last step: XORs the datagrams with their streams, whose first block is the one at KEY_AT. */
  feedback(count: number, blockBytes: number): void;
  /** XORs all from DATAGRAMS_AT to `end` with what lies as far from STREAM_AT. */
  stream(end: number): void;
  /** AES-GCM, without AES: nonces from NONCES_AT in front of the datagrams; their counter blocks to STREAM_AT. */
  gcmNonces(count: number): void;
  gcmCounters(count: number): void;
  /** With the counter blocks encrypted, and the tables of H at GHASH_TABLES_AT: `gcmOpen` negates lengths where the tag is wrong. */
  gcmSeal(count: number): void;
  gcmOpen(count: number): void;
  /** XORs each datagram with the pad at KEY_AT. */
  pad(count: number, padBytes: number): void;
}

export interface Kernel extends Omit<KernelExports, 'memory'> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Uint32Array;
  readonly lengths: Int32Array;
}

let kernel: Kernel | undefined;
let tried = false;

/** The kernel; undefined where WebAssembly or its SIMD is missing or forbidden, and on big-endian machines. */
export function loadKernel(): Kernel | undefined {
  if (!tried) {
    tried = true;
    try {
      kernel = makeKernel();
    } catch {
      // An old engine, or a page whose policy forbids WebAssembly: the portable ciphers do all.
    }
  }
  return kernel;
}

function makeKernel(): Kernel | undefined {
  const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
  if (!littleEndian) return undefined;
  const exports = instantiate(KERNEL_MODULE) as KernelExports;
  const { buffer } = exports.memory;
  return {
    ...exports,
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    lengths: new Int32Array(buffer, LENGTHS_AT, MAX_DATAGRAMS),
  };
}
