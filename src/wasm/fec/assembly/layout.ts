// Where things lie in the kernel's memory, in bytes. ../layout.ts says the same to TypeScript.

/** Where in NIBBLES the coefficients of a few rows have their tables, column after column: u16, 4 × 256 of them at most. */
export const PLACES: usize = 4096;
/** 16 times 0x0f. In memory, since V8 makes vectors that are written as constants anew at each use. */
export const MASK: usize = 6144;
/** For each coefficient its products with 0 … 15, then with 0, 16 … 240: 256 times 32 bytes. */
export const NIBBLES: usize = 8192;
/** The matrix, row after row: 16 KiB, which is as large as it gets with 256 rows and columns together. */
export const MATRIX: usize = 16_384;
/** The inputs, then the outputs. */
export const SHARDS: usize = 32_768;

/** Shards are this far from one another: an odd number of cache lines, so that they do not compete for the same few. */
// @ts-expect-error: decorator
@inline
export function room(length: usize): usize {
  return ((length + 63) & ~63) | 64;
}
