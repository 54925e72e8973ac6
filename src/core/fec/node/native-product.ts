// The product of a matrix and shards by the addon (native/src/fec): shards are read and written where they lie.

import { loadAddon, say } from '../../../native/load.ts';
import type { Product } from '../product.ts';

/** What native/src/fec/product.c exports. */
export interface ProductAddon {
  /**
   * Matrix × inputs, as {@link Product} has it. The shards are arguments, inputs first: to read an array of them takes the addon longer than
   * the product. Outputs must not overlap inputs. Returns 0, or -1 when a number or length does not fit, and nothing was done.
   *
   * @param columns How many of the shards are inputs.
   */
  multiply(matrix: Uint8Array, columns: number, skip: number, ...shards: readonly Uint8Array[]): number;
  /** Whether this processor has instructions that make it faster than the kernel. */
  multipliesFast(): boolean;
}

/** The product by the addon; undefined when that is not here, or has no instructions for it. */
export function nativeProduct(): Product | undefined {
  const addon = loadAddon('FEC', 'WebAssembly') as ProductAddon | undefined;
  if (addon === undefined) return undefined;
  if (!addon.multipliesFast()) {
    say('FEC', 'by WebAssembly: the processor lacks instructions');
    return undefined;
  }
  say('FEC', 'by the addon');
  return productOf(addon);
}

/** The same by this addon. */
export function productOf(addon: ProductAddon): Product {
  return (matrix, inputs, outputs, skip) => {
    // One by one: two spreads go through iterators.
    const args: Parameters<ProductAddon['multiply']> = [matrix, inputs.length, skip];
    for (let i = 0; i < inputs.length; i++) args.push(inputs[i]!);
    for (let i = 0; i < outputs.length; i++) args.push(outputs[i]!);
    if (Reflect.apply(addon.multiply, addon, args) !== 0) throw new Error('the addon refused a group of shards');
  };
}
