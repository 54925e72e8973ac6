// The product of a matrix and shards, which is all that a code computes.

/**
 * Writes matrix × inputs to the outputs. The matrix has a row for each output, one after the other, and in it a coefficient
 * for each input. Outputs are of equal length, inputs of that length at most and padded with zeros; together they are 256 at
 * most, and there is one of each at least. The first `skip` bytes of each are no part of it, and are left as they are.
 */
export type Product = (
  matrix: Uint8Array,
  inputs: readonly Uint8Array[],
  outputs: readonly Uint8Array[],
  skip: number,
) => void;
