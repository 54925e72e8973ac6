// The field, against multiplication by the definition.

import { expect, it } from 'vitest';
import { multiply } from '../../../src/core/crypto/ghash-field.ts';
import { field, power, productTable } from '../../../src/core/fec/gf256.ts';

const POLYNOMIAL = 0x11d;

it('knows every product', () => {
  const products = productTable();
  for (let a = 0; a < 256; a++) {
    const row = Array.from({ length: 256 }, (_, b) => multiply(a, b, POLYNOMIAL));
    expect([...products.subarray(256 * a, 256 * (a + 1))], `${a} times`).toEqual(row);
  }
});

it('has every element but zero as a power of 2, and its logarithm', () => {
  const tables = field();
  expect(new Set(tables.exp).size).toBe(255);
  for (let a = 1; a < 256; a++) expect(power(tables, tables.log[a]!)).toBe(a);
});

it('takes exponents below 0 and beyond 254', () => {
  const tables = field();
  for (let n = 0; n < 255; n++) {
    expect(power(tables, n - 255 * 300)).toBe(tables.exp[n]);
    expect(power(tables, n + 255 * 300)).toBe(tables.exp[n]);
  }
});
