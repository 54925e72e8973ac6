// Parity that klauspost/reedsolomon has calculated (reed-solomon.json, by spec/interop/peers/go/cmd/vectors), calculated by
// each of our implementations.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { blank, IMPLEMENTATIONS, parityOf } from '../support/shards.ts';

interface Example {
  /** Shards in hexadecimal, with spaces between them. */
  readonly data: string;
  readonly parity: string;
}

interface GroupVector {
  readonly data: number;
  readonly parity: number;
  /** `first-last`, of the shards; a group for each. */
  readonly lengths: string;
  readonly digest: string;
}

const file = readFileSync(new URL('./reed-solomon.json', import.meta.url), 'utf8');
const { examples, groups } = JSON.parse(file) as {
  readonly examples: readonly Example[];
  readonly groups: readonly GroupVector[];
};

const shardsOf = (hex: string): Uint8Array[] =>
  hex.split(' ').map((shard) => Uint8Array.from(Buffer.from(shard, 'hex')));

/** The formula is in reed-solomon.json. */
function dataOf(data: number, parity: number, length: number): Uint8Array[] {
  const shards = blank(data, length);
  let state = 65_536 * data + 256 * parity + length;
  for (const shard of shards) {
    for (let i = 0; i < length; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      shard[i] = state >>> 24;
    }
  }
  return shards;
}

/** Shapes with the vectors of each. */
const shapes = [...new Set(groups.map(({ data, parity }) => `${data}/${parity}`))];

test('there are vectors for shapes from 1/1 to those of 256 shards, and of every length to 1500', () => {
  expect(shapes).toEqual(expect.arrayContaining(['1/1', '2/2', '10/3', '70/30', '1/255', '128/128', '255/1']));
  expect(groups.filter(({ lengths }) => lengths === '1-1500').length).toBeGreaterThan(3);
});

describe.each(IMPLEMENTATIONS)('%s', (_, make) => {
  test('writes the parity of the examples', () => {
    for (const { data, parity } of examples) {
      const shards = shardsOf(data);
      const expected = shardsOf(parity);
      const written = parityOf(make(shards.length, expected.length), shards);
      expect(written).toEqual(expected);
    }
  });

  test.each(shapes)('writes the parity of %s', (shape) => {
    for (const { data, parity, lengths, digest } of groups) {
      if (`${data}/${parity}` !== shape) continue;
      const [first, last] = lengths.split('-').map(Number) as [number, number];
      const codec = make(data, parity);
      const hash = createHash('sha256');
      for (let length = first; length <= last; length++) {
        for (const shard of parityOf(codec, dataOf(data, parity, length))) hash.update(shard);
      }
      expect(hash.digest('hex'), `shards of ${lengths} bytes`).toBe(digest);
    }
  });
});
