// #fec-product where there is no addon: the SIMD kernel, else plain TypeScript.

import { loadFecKernel } from '../../wasm/fec/kernel.ts';
import { kernelProduct } from './kernel-product.ts';
import { portableProduct } from './portable-product.ts';
import type { Product } from './product.ts';

export function fastProduct(): Product {
  const kernel = loadFecKernel();
  return kernel ? kernelProduct(kernel) : portableProduct;
}
