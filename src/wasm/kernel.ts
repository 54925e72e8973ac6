// The SIMD kernel: WebAssembly modules over one memory of 384 KiB, made when it is first asked for and shared by all ciphers.
// Bursts are copied in, worked on in place, and copied out; nothing in the memory means anything between two calls.
//
// Each cipher brings the module that it needs, so that a bundle has no others.

import { instantiate, sharedMemory, type WasmMemory } from './instantiate.ts';
import { LENGTHS_AT, MAX_DATAGRAMS } from './layout.ts';
import { KERNEL_MODULE } from './module.ts';

/** What all have. `count` is always the number of datagrams that lie at DATAGRAMS_AT, with their lengths at LENGTHS_AT. */
interface KernelExports {
  /** CRC-32 (IEEE) of `length` bytes at `at`, as a signed number. */
  crc32(at: number, length: number): number;
  /** Writes the headers: the nonce at NONCES_AT, and the CRC of what follows. */
  stamp(count: number): void;
  /** Checks the CRC of each datagram; negates the lengths of those where it is wrong. */
  verify(count: number): void;
  /** Salsa20 as kcp-go uses it, with the key at KEY_AT. */
  salsa20(count: number): void;
}

/** XOR_MODULE: for ciphers whose keystream, or whole key, is made elsewhere. */
export interface XorExports {
  /** CFB's last step: XORs the datagrams with their streams, whose first block is the one at KEY_AT. */
  feedback(count: number, blockBytes: number): void;
  /** XORs all from DATAGRAMS_AT to `end` with what lies as far from STREAM_AT. */
  stream(end: number): void;
  /** XORs each datagram with the pad at KEY_AT. */
  pad(count: number, padBytes: number): void;
}

/** SM4_MODULE: the keystreams of CFB mode, for `feedback`; at KEY_AT the first block, the tables of the S-box, and the round keys. */
export interface Sm4Exports {
  sm4Encrypt(count: number): void;
  sm4Decrypt(end: number): void;
}

/** DES_MODULE: the keystreams of CFB mode, for `feedback`; at KEY_AT the first block, at DES_AT the S-boxes and the subkeys. */
export interface DesExports {
  desEncrypt(count: number): void;
  desDecrypt(end: number): void;
}

/** GCM_MODULE: AES-GCM, without AES. */
export interface GcmExports {
  /** Nonces from NONCES_AT in front of the datagrams. */
  gcmNonces(count: number): void;
  /** The counter blocks of the datagrams, to STREAM_AT. */
  gcmCounters(count: number): void;
  /** With the counter blocks encrypted, and the tables of H at GHASH_TABLES_AT. */
  gcmSeal(count: number): void;
  /** Like `gcmSeal`; negates the lengths where the tag is wrong. */
  gcmOpen(count: number): void;
}

export interface Kernel extends KernelExports {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Uint32Array;
  readonly lengths: Int32Array;
  /** For modules that work on the same data. */
  readonly memory: WasmMemory;
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

/** Pages of 64 KiB. */
const PAGES = 6;

function makeKernel(): Kernel | undefined {
  const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
  if (!littleEndian) return undefined;
  const memory = sharedMemory(PAGES);
  const { buffer } = memory;
  return {
    ...(instantiate(KERNEL_MODULE, memory) as KernelExports),
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    lengths: new Int32Array(buffer, LENGTHS_AT, MAX_DATAGRAMS),
    memory,
  };
}
