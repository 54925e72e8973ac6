// #fec-product on Node: the addon, else what there is everywhere.

import { fastProduct as withoutAddon } from '../fast-product.ts';
import type { Product } from '../product.ts';
import { nativeProduct } from './native-product.ts';

export function fastProduct(): Product {
  return nativeProduct() ?? withoutAddon();
}
