// The kernel of the Reed-Solomon code that is committed is the one that its source makes; what it calculates, spec/fec shows.

import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { compileKernel, FEC_KERNEL } from '../../scripts/build-kernel.ts';
import { loadFecKernel, makeFecKernel, withoutRelaxed } from '../../src/wasm/fec/kernel.ts';
import { room, SHARDS_AT, SHARDS_BYTES } from '../../src/wasm/fec/layout.ts';
import { FEC_MODULE_RELAXED } from '../../src/wasm/fec/module.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it('was built from the source beside it', async () => {
  const committed = readFileSync(new URL('../../src/wasm/fec/module.ts', import.meta.url), 'utf8');
  expect(await compileKernel(FEC_KERNEL)).toBe(committed);
});

it('has the instruction of relaxed SIMD nowhere but where the compiler put it, and not at all without', async () => {
  const { modules, ...rest } = FEC_KERNEL;
  const plain = await compileKernel({ ...rest, modules: modules.map((module) => ({ ...module, flags: [] })) });
  const swizzles = hexOf(plain).match(/fd0e/g)?.length;
  expect(swizzles).toBeGreaterThan(0);
  expect(FEC_MODULE_RELAXED.match(/fd8002/g)).toHaveLength(swizzles!);
  const replaced = withoutRelaxed(FEC_MODULE_RELAXED);
  expect(replaced.match(/fd8e00/g)).toHaveLength(swizzles!);
  expect(replaced).not.toContain('fd8002');
  expect(replaced).toHaveLength(FEC_MODULE_RELAXED.length);
});

/** The binary in the source of a `module.ts`. */
const hexOf = (source: string): string => [...source.matchAll(/'([0-9a-f]+)'/g)].map(([, part]) => part).join('');

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
