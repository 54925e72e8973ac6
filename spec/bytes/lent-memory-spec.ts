// Memory that is lent for the length of a call, and calls within it.

import { expect, test } from 'vitest';
import { lentMemory } from '../../src/bytes/lent-memory.ts';
import { integer, seeded, seeds } from '../support/random.ts';

/** Lends some bytes of `value`, calls deeper, and looks at them again. */
function lend(random: () => number, depth: number, value: number): void {
  const mark = lentMemory.offset;
  const views: Uint8Array[] = [];
  for (let part = integer(random, 1, 3); part > 0; part--) {
    const length = integer(random, 1, 40_000);
    lentMemory.reserve(length);
    const view = new Uint8Array(lentMemory.bytes.buffer, lentMemory.offset, length).fill(value);
    lentMemory.offset += length;
    views.push(view);
    for (let calls = depth > 0 ? integer(random, 0, 2) : 0; calls > 0; calls--) lend(random, depth - 1, value + calls);
  }
  for (const view of views) expect(view.every((byte) => byte === (value & 0xff))).toBe(true);
  lentMemory.release(mark);
}

test.each(seeds(50))('what a call has lent is its own until it returns, whoever lends meanwhile (seed %i)', (seed) => {
  const random = seeded(seed);
  for (let i = 0; i < 5; i++) lend(random, 4, i * 16);
  expect(lentMemory.offset).toBe(0);
});

test('a burst of unusual size does not keep its memory', () => {
  lentMemory.reserve(4_000_000);
  lentMemory.release(0);
  expect(lentMemory.bytes.length).toBe(0);
});
