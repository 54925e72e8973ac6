// The kernel of the Reed-Solomon code, with relaxed SIMD and without; what it calculates, spec/fec shows.

import { afterEach, expect, it, vi } from 'vitest';
import { compile, FEC_MODULE } from '../../scripts/build-kernel.ts';
import { loadFecKernel, makeFecKernel, withoutRelaxed } from '../../src/wasm/fec/kernel.ts';
import { room, SHARDS_AT, SHARDS_BYTES } from '../../src/wasm/fec/layout.ts';
import { bytesOf } from '../../src/wasm/instantiate.ts';
import { FEC_MODULE_RELAXED } from '../../src/wasm/module.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it('has the instruction of relaxed SIMD nowhere but where the compiler put it, and not at all without', async () => {
  const swizzles = hexOf(await compile({ ...FEC_MODULE, flags: [] })).match(/fd0e/g)?.length;
  expect(swizzles).toBeGreaterThan(0);
  const relaxed = hexOf(bytesOf(FEC_MODULE_RELAXED));
  expect(relaxed.match(/fd8002/g)).toHaveLength(swizzles!);
  const replaced = hexOf(bytesOf(withoutRelaxed(FEC_MODULE_RELAXED)));
  expect(replaced.match(/fd8e00/g)).toHaveLength(swizzles!);
  expect(replaced).not.toContain('fd8002');
  expect(replaced).toHaveLength(relaxed.length);
});

const hexOf = (binary: Uint8Array): string => Buffer.from(binary).toString('hex');

it('has memory of a fixed size, with room for 256 shards of a full packet at its end', () => {
  const { bytes } = loadFecKernel()!;
  expect(bytes.length).toBe(7 * 65_536);
  expect(SHARDS_AT + SHARDS_BYTES).toBe(bytes.length);
  expect(256 * room(1500)).toBeLessThanOrEqual(SHARDS_BYTES);
});

it('is one for all', () => {
  expect(loadFecKernel()).toBe(loadFecKernel());
});

it('is absent where a module does not compile', () => {
  expect(makeFecKernel(btoa('not a module'))).toBeUndefined();
});

it('is done without where there is no WebAssembly', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  const { reedSolomon } = await import('../../src/core/fec/reed-solomon.ts');
  const parity = [new Uint8Array(2)];
  reedSolomon(1, 1).encode([Uint8Array.of(5, 6)], parity);
  expect(parity).toEqual([Uint8Array.of(5, 6)]);
});
