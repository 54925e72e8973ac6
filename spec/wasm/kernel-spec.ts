// The kernels that are committed are those that their sources make, and the CRC-32 is the CRC-32.

import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { compileKernels } from '../../scripts/build-kernel.ts';
import { loadKernel } from '../../src/wasm/kernel.ts';
import { DATAGRAMS_AT } from '../../src/wasm/layout.ts';
import { bytes, seeded } from '../support/random.ts';

it('was built from the source beside it', async () => {
  const committed = readFileSync(new URL('../../src/wasm/module.ts', import.meta.url), 'utf8');
  expect(await compileKernels()).toBe(committed);
});

it('has memory of a fixed size', () => {
  const { bytes } = loadKernel()!;
  expect(bytes.length).toBe(6 * 65_536);
});

it('sums up like zlib, every length at every offset', () => {
  const kernel = loadKernel()!;
  const content = bytes(seeded(7), 1600);
  kernel.bytes.set(content, DATAGRAMS_AT);
  for (let length = 0; length < 1500; length++) {
    const offset = length % 17;
    const ours = kernel.crc32(DATAGRAMS_AT + offset, length) >>> 0;
    expect(ours).toBe(crc32(content.subarray(offset, offset + length)));
  }
});

it('sums up like zlib where it goes from one way of doing it to another', () => {
  const kernel = loadKernel()!;
  const content = bytes(seeded(8), 70_000);
  kernel.bytes.set(content, DATAGRAMS_AT);
  for (const border of [128, 300, 316, 512, 4096, 9000, 65_535]) {
    for (let length = border - 20; length <= border + 20; length++) {
      expect(kernel.crc32(DATAGRAMS_AT + 20, length) >>> 0).toBe(crc32(content.subarray(20, 20 + length)));
    }
  }
});
