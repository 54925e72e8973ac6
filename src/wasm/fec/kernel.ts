// The SIMD kernel of the Reed-Solomon code: WebAssembly with a fixed memory of 448 KiB, apart from that of the ciphers, made
// when it is first asked for and shared by all codecs. Nothing in the memory means anything between two calls, but its tables.

import { instantiate } from '../instantiate.ts';
import { FEC_MODULE_RELAXED } from '../module.ts';

/**
 * Outputs of a matrix × the inputs at SHARDS_AT.
 *
 * @param row Where in memory the first of their rows lies.
 * @param columns Its length, and the number of inputs.
 * @param output Where in memory the first output goes; the others follow.
 * @param length Bytes of each shard; each lies `room(length)` from the one before.
 */
export type Multiply = (row: number, columns: number, output: number, length: number) => void;

interface FecKernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly multiply1: Multiply;
  readonly multiply2: Multiply;
  readonly multiply3: Multiply;
  readonly multiply4: Multiply;
}

export interface FecKernel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** For one output, for two, and so on. */
  readonly multiply: readonly Multiply[];
}

let kernel: FecKernel | undefined;
let tried = false;

/** The kernel, the faster one where that runs; undefined where WebAssembly or its SIMD is missing or forbidden. */
export function loadFecKernel(): FecKernel | undefined {
  if (!tried) {
    tried = true;
    // Relaxed SIMD (Node 22 and later) has the same look-up without a check of the index that x86 lacks.
    kernel = makeFecKernel(FEC_MODULE_RELAXED) ?? makeFecKernel(withoutRelaxed(FEC_MODULE_RELAXED));
  }
  return kernel;
}

/**
 * The module for engines without relaxed SIMD. `i8x16.swizzle`, whose number is 14, takes the place of `i8x16.relaxed_swizzle`, 256;
 * the number is written in as many bytes (fd 8e 00 for fd 80 02), so that no length in the module changes.
 */
export function withoutRelaxed(module: string): string {
  return module.replaceAll('(!T-', '(!b+');
}

/** A new kernel; undefined where this module does not run. */
export function makeFecKernel(module: string): FecKernel | undefined {
  try {
    const { memory, multiply1, multiply2, multiply3, multiply4 } = instantiate(module) as FecKernelExports;
    return { bytes: new Uint8Array(memory.buffer), multiply: [multiply1, multiply2, multiply3, multiply4] };
  } catch {
    // An old engine, or a page whose policy forbids WebAssembly.
    return undefined;
  }
}
