// The product by the addon, with each set of instructions that this processor has, beside the one in plain TypeScript; and what it refuses.

import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { fastProduct as withoutAddon } from '../../../src/core/fec/fast-product.ts';
import { fastProduct } from '../../../src/core/fec/node/index.ts';
import { nativeProduct, type ProductAddon, productOf } from '../../../src/core/fec/node/native-product.ts';
import { portableProduct } from '../../../src/core/fec/portable-product.ts';
import type { Product } from '../../../src/core/fec/product.ts';
import { LEVELS } from '../../support/instructions.ts';
import { describeFaults, describeNative } from '../../support/native.ts';
import { bytes, seeded } from '../../support/random.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** How far in front of its end each input stops, and in front of that where in its buffer it begins. */
const places = (count: number): fc.Arbitrary<{ short: number; offset: number }[]> =>
  fc.array(
    fc.record({
      short: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 70 }), fc.nat(1500)),
      offset: fc.nat(70),
    }),
    { minLength: count, maxLength: count, size: 'max' },
  );

const products = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc.record({ columns: fc.integer({ min: 1, max: 14 }), rows: fc.integer({ min: 1, max: 11 }) }),
    },
    fc
      .integer({ min: 1, max: 255 })
      .chain((columns) =>
        fc.record({ columns: fc.constant(columns), rows: fc.integer({ min: 1, max: 256 - columns }) }),
      ),
  )
  .chain(({ columns, rows }) =>
    fc.record({
      columns: fc.constant(columns),
      rows: fc.constant(rows),
      length: fc.oneof(
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: columns * rows > 2000 ? 300 : 1500 }),
      ),
      skip: fc.nat(9),
      inputs: places(columns),
      outputs: places(rows),
      areEqual: fc.boolean(),
      seed: fc.nat(),
    }),
  );

/** A view with bytes in front of it and behind it. */
const view = (random: () => number, length: number, offset: number): Uint8Array =>
  bytes(random, offset + length + 65).subarray(offset, offset + length);

const whole = ({ buffer }: Uint8Array): string => Buffer.from(buffer).toString('hex');

/** What `product` writes is what its twin writes, and it writes nowhere else. */
function expectTwin(product: Product): void {
  fc.assert(
    fc.property(products, ({ columns, rows, length, skip, inputs, outputs, areEqual, seed }) => {
      const random = seeded(seed);
      const matrix = bytes(random, rows * columns);
      const from = inputs.map(({ short, offset }) =>
        view(random, areEqual ? length : Math.max(0, length - short), offset),
      );
      const ours = outputs.map(({ offset }) => view(random, length, offset));
      const before = from.map(whole);
      const twin = ours.map(({ buffer, byteOffset }) => new Uint8Array(buffer.slice(0), byteOffset, length));
      const skipped = Math.min(skip, length);
      product(matrix, from, ours, skipped);
      portableProduct(matrix, from, twin, skipped);
      expect(ours.map(whole)).toEqual(twin.map(whole));
      expect(from.map(whole)).toEqual(before);
    }),
    { numRuns: 200 },
  );
}

describeFaults('by the addon,', (addon) => {
  const levels = LEVELS.filter(([, level]) => addon.limit?.(level));

  describe.each(levels)('%s,', (_, level) => {
    beforeAll(() => {
      addon.limit(level);
      return () => addon.limit(4);
    });

    it('writes what its twin writes, wherever shards begin and end, and nothing else', () => {
      expectTwin(productOf(addon as unknown as ProductAddon));
    });

    it.each([1, 2, 3, 4, 5, 7, 8, 9, 13])('makes %i outputs of every length up to 200', (rows) => {
      const random = seeded(rows);
      const matrix = bytes(random, 5 * rows);
      for (let length = 1; length <= 200; length++) {
        const inputs = Array.from({ length: 5 }, (_, i) => bytes(random, Math.max(0, length - i * (length % 40))));
        const ours = Array.from({ length: rows }, () => bytes(random, length));
        const twin = ours.map((one) => one.slice());
        productOf(addon as unknown as ProductAddon)(matrix, inputs, ours, 0);
        portableProduct(matrix, inputs, twin, 0);
        expect(ours).toEqual(twin);
      }
    });
  });

  it('says that it is fast unless it works byte by byte', () => {
    const { multipliesFast } = addon as unknown as ProductAddon;
    expect(multipliesFast()).toBe(true);
    addon.limit(0);
    expect(multipliesFast()).toBe(process.arch !== 'x64');
    addon.limit(4);
  });
});

describeNative('the product of the package', (addon) => {
  it('is by the addon, unless RXKCP_NATIVE is 0', () => {
    vi.stubEnv('RXKCP_NATIVE', '1');
    expect(nativeProduct()).toBeDefined();
    expect(fastProduct().toString()).toContain('.multiply,');
    vi.stubEnv('RXKCP_NATIVE', '0');
    expect(nativeProduct()).toBeUndefined();
    expect(fastProduct().toString()).toBe(withoutAddon().toString());
  });

  it('writes what its twin writes', () => {
    vi.stubEnv('RXKCP_NATIVE', '1');
    expectTwin(nativeProduct()!);
  });

  it('refuses numbers and lengths that do not fit, and touches nothing then', () => {
    const { multiply } = addon as unknown as ProductAddon;
    const matrix = new Uint8Array(6).fill(1);
    const inputs = [new Uint8Array(100), new Uint8Array(100), new Uint8Array(100)];
    const outputs = [new Uint8Array(100).fill(9), new Uint8Array(100).fill(9)];
    const refused = (...args: unknown[]): void => {
      expect(multiply(...(args as Parameters<typeof multiply>))).toBe(-1);
      expect([...outputs[0]!, ...outputs[1]!].every((byte) => byte === 9)).toBe(true);
    };
    const all = [...inputs, ...outputs];
    refused();
    refused(matrix);
    refused(matrix, 3, 0);
    for (const columns of [0, -1, 5, 6, 2 ** 31, 2 ** 32, Number.NaN, undefined, '3', {}]) {
      refused(matrix, columns, 0, ...all);
    }
    for (const skip of [-1, 101, 2 ** 32 - 1, undefined, '0']) refused(matrix, 3, skip, ...all);
    for (const wrong of [undefined, null, matrix.subarray(1), new ArrayBuffer(6), 'matrix', [1, 1, 1, 1, 1, 1]]) {
      refused(wrong, 3, 0, ...all);
    }
    const detached = new Uint8Array(100);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const strange = [undefined, null, {}, [1, 2], 'shard', new ArrayBuffer(100), new DataView(new ArrayBuffer(100))];
    for (const wrong of [...strange, new Uint8Array(101)]) refused(matrix, 3, 0, wrong, ...all.slice(1));
    for (const wrong of [...strange, new Uint8Array(99), new Uint8Array(101), new Uint8Array(0), detached]) {
      refused(matrix, 3, 0, ...inputs, outputs[0], wrong);
      refused(matrix, 3, 0, ...inputs, wrong, outputs[1]);
    }
    const many = Array.from({ length: 257 }, () => new Uint8Array(1));
    refused(new Uint8Array(256), 256, 0, ...many);
    refused(new Uint8Array(256), 1, 0, ...many, ...many, ...many);
    expect(() => productOf(addon as unknown as ProductAddon)(matrix, inputs, [], 0)).toThrow('refused');
    // An input of no bytes is one of zeros.
    expect(multiply(matrix, 3, 0, detached, ...all.slice(1))).toBe(0);
    expect([...outputs[0]!, ...outputs[1]!].every((byte) => byte === 0)).toBe(true);
  });

  it('takes shards in any memory, shared, resizable or of less than a block, in any kind of view', () => {
    const product = nativeProduct()!;
    const shared = new Uint8Array(new SharedArrayBuffer(50)).fill(7);
    const small = new Uint8Array(50).fill(1);
    const output = new Uint8Array(50);
    product(Uint8Array.of(1, 1), [shared, small], [output], 0);
    expect(output.every((byte) => byte === 6)).toBe(true);
    // Elements of eight bytes count as bytes: what it reads is less than what there is.
    const { multiply } = addon as unknown as ProductAddon;
    const wide = new Float64Array(50).fill(1) as unknown as Uint8Array;
    expect(multiply(Uint8Array.of(1), 1, 0, wide, output)).toBe(0);
    expect(Buffer.compare(output, new Uint8Array(wide.buffer, 0, 50))).toBe(0);
  });
});
