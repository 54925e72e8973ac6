// Where things lie in the kernel's memory, in bytes: what assembly/layout.ts says to AssemblyScript.

/** The matrix, row after row. */
export const MATRIX_AT = 16_384;
/** The inputs, then the outputs, each `room(length)` from the next. */
export const SHARDS_AT = 32_768;
/** 256 shards of 1536 bytes, or fewer that are longer. */
export const SHARDS_BYTES = 425_984;

/** What a shard of `length` bytes takes of SHARDS_BYTES: an odd number of cache lines. */
export const room = (length: number): number => ((length + 63) & ~63) | 64;
