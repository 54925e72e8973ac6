// The product of a matrix and shards in plain TypeScript: one look-up for each byte and coefficient.

import { productTable } from './gf256.ts';

let products: Uint8Array | undefined;

/** Like the kernel's product (kernel-product.ts), whose twin it is. */
export function portableProduct(
  matrix: Uint8Array,
  inputs: readonly Uint8Array[],
  outputs: readonly Uint8Array[],
  skip: number,
): void {
  products ??= productTable();
  for (const [r, output] of outputs.entries()) {
    output.fill(0, skip);
    for (const [c, input] of inputs.entries()) {
      const coefficient = matrix[r * inputs.length + c]!;
      const multiples = products.subarray(256 * coefficient, 256 * (coefficient + 1));
      for (let i = skip; i < input.length; i++) output[i]! ^= multiples[input[i]!]!;
    }
  }
}
