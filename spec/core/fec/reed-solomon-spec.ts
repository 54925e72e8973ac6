// Whatever is lost comes back, by each implementation, and all of them and another's agree on the parity.

import fc from 'fast-check';
import { describe, expect, it, test, vi } from 'vitest';
import { reedSolomon } from '../../../src/core/fec/reed-solomon.ts';
import { OptionError } from '../../../src/errors.ts';
import { bytes, seeded } from '../../support/random.ts';
import { blank, IMPLEMENTATIONS, inHex, type Maker, oracleParity, parityOf } from '../../support/shards.ts';

const group = (data: number, length: number, seed = 1): Uint8Array[] => {
  const random = seeded(seed);
  return Array.from({ length: data }, () => bytes(random, length));
};

/** The oracle's parity of `group(data, length, length)`, asked for once: it inverts its matrix for each group anew. */
const asked = new Map<string, string[]>();
function expectedParity(data: number, parity: number, length: number): string[] {
  const key = `${data}/${parity} ${length}`;
  const expected = asked.get(key) ?? inHex(oracleParity(group(data, length, length), parity));
  asked.set(key, expected);
  return expected;
}

const padded = (shards: readonly Uint8Array[], length: number): Uint8Array[] =>
  shards.map((shard) => {
    const longer = new Uint8Array(length);
    longer.set(shard);
    return longer;
  });

/** All ways to lose exactly so many of the shards, as bit masks. */
function losses(shards: number, lost: number): number[] {
  const ones = (mask: number): number => (mask === 0 ? 0 : (mask & 1) + ones(mask >>> 1));
  return Array.from({ length: 1 << shards }, (_, mask) => mask).filter((mask) => ones(mask) === lost);
}

/** A group of unequal shards anywhere in their buffers, and an order in which they are lost. */
const groups = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc.record({ data: fc.integer({ min: 1, max: 14 }), parity: fc.integer({ min: 1, max: 11 }) }),
    },
    fc
      .integer({ min: 1, max: 255 })
      .chain((data) => fc.record({ data: fc.constant(data), parity: fc.integer({ min: 1, max: 256 - data }) })),
  )
  .chain(({ data, parity }) => {
    const longest = data * parity > 1000 ? 100 : 1600;
    return fc.record({
      parity: fc.constant(parity),
      lengths: fc.array(fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: longest })), {
        minLength: data,
        maxLength: data,
        size: 'max',
      }),
      offset: fc.nat(33),
      room: fc.nat(40),
      seed: fc.integer(),
      lost: fc.integer({ min: 0, max: parity }),
    });
  });

/** Shards inside larger buffers, so that what is written beyond them shows. */
function inside(count: number, length: number, offset: number): { all: Uint8Array[]; shards: Uint8Array[] } {
  const all = Array.from({ length: count }, () => new Uint8Array(offset + length + 64).fill(0xee));
  return { all, shards: all.map((one) => one.subarray(offset, offset + length)) };
}

const untouched = (all: readonly Uint8Array[], length: number, offset: number): boolean =>
  all.every((one) => one.every((byte, at) => byte === 0xee || (at >= offset && at < offset + length)));

function shuffled(count: number, seed: number): number[] {
  const random = seeded(seed);
  const order = Array.from({ length: count }, (_, i) => [random(), i] as const);
  return order.sort(([a], [b]) => a - b).map(([, i]) => i);
}

describe.each(IMPLEMENTATIONS)('%s', (_, make) => {
  it('writes the parity of its twin and rebuilds what was lost, and writes nothing else', () => {
    fc.assert(
      fc.property(groups, ({ parity, lengths, offset, room, seed, lost }) => {
        const data = lengths.length;
        const codec = make(data, parity);
        const random = seeded(seed);
        const shards = lengths.map((length) => bytes(random, offset + length + 9).subarray(offset, offset + length));
        const before = inHex(shards);
        const longest = Math.max(...lengths);
        const written = inside(parity, longest, offset);
        codec.encode(shards, written.shards);
        const twin = parityOf(reedSolomon(data, parity, { portable: true }), padded(shards, longest));
        expect(inHex(written.shards)).toEqual(inHex(twin));
        expect(untouched(written.all, longest, offset)).toBe(true);

        const missing = new Set(shuffled(data + parity, seed).slice(0, lost));
        const there = [...shards, ...written.shards].map((shard, i) => (missing.has(i) ? undefined : shard));
        const lostData = shards.filter((_, i) => missing.has(i));
        const rebuilt = inside(lostData.length, longest + room, offset);
        codec.rebuild(there, rebuilt.shards);
        expect(inHex(rebuilt.shards)).toEqual(inHex(padded(lostData, longest + room)));
        expect(untouched(rebuilt.all, longest + room, offset)).toBe(true);
        expect(inHex(shards)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [10, 3],
    [4, 4],
  ])('rebuilds every loss of at most all parity, %i/%i', (data, parity) => {
    const codec = make(data, parity);
    const shards = group(data, 37);
    const all = [...shards, ...parityOf(codec, shards)];
    let patterns = 0;
    for (let lost = 0; lost <= parity; lost++) {
      for (const mask of losses(data + parity, lost)) {
        const there = all.map((shard, i) => ((mask >> i) & 1 ? undefined : shard));
        const lostData = shards.filter((_, i) => (mask >> i) & 1);
        const rebuilt = blank(lostData.length, 37);
        codec.rebuild(there, rebuilt);
        expect(inHex(rebuilt)).toEqual(inHex(lostData));
        patterns++;
      }
    }
    expect(patterns).toBe(data === 10 ? 1 + 13 + 78 + 286 : 1 + 8 + 28 + 56 + 70);
  });

  test.each([
    [1, 1],
    [2, 1],
    [2, 2],
    [10, 3],
    [20, 10],
    [70, 30],
    [128, 128],
    [1, 255],
    [255, 1],
  ])('writes the parity of reed-solomon-erasure, %i/%i', (data, parity) => {
    for (const length of [1, 16, 97, 1500]) {
      const shards = group(data, length, length);
      expect(inHex(parityOf(make(data, parity), shards))).toEqual(expectedParity(data, parity, length));
    }
  });

  it('takes shards of any length', () => {
    for (const [data, parity] of [
      [1, 1],
      [200, 56],
    ] as const) {
      const shards = group(data, 1, 3).map((shard) => padded([shard], 5000)[0]!);
      for (const [i, shard] of shards.entries()) shard.set(bytes(seeded(i), 40), 3300);
      expect(inHex(parityOf(make(data, parity), shards))).toEqual(inHex(oracleParity(shards, parity)));
    }
    const one = group(1, 1_000_001, 4);
    expect(Buffer.compare(parityOf(make(1, 1), one)[0]!, one[0]!)).toBe(0);
  });

  it('makes nothing of nothing', () => {
    make(2, 1).encode([new Uint8Array(0), new Uint8Array(0)], [new Uint8Array(0)]);
    make(2, 1).rebuild([undefined, new Uint8Array(0), new Uint8Array(0)], [new Uint8Array(0)]);
  });

  it('leaves a group alone that has its data', () => {
    const shards = group(3, 20);
    make(3, 2).rebuild([...shards, undefined, undefined], []);
    expect(shards).toEqual(group(3, 20));
  });

  misuse(make);
});

function misuse(make: Maker): void {
  const named = (option: string): unknown => expect.objectContaining({ constructor: OptionError, option });
  const codec = make(2, 2);
  const [a, b] = group(2, 8) as [Uint8Array, Uint8Array];

  it('refuses the wrong number of shards, and says of which', () => {
    expect(() => codec.encode([a], blank(2, 8))).toThrow(named('shards'));
    expect(() => codec.encode([a, b, b], blank(2, 8))).toThrow(named('shards'));
    expect(() => codec.encode([a, b], blank(1, 8))).toThrow(named('parity'));
    expect(() => codec.rebuild([a, undefined, b], blank(1, 8))).toThrow(named('shards'));
    expect(() => codec.rebuild([a, undefined, undefined, undefined], blank(1, 8))).toThrow(named('shards'));
    expect(() => codec.rebuild([a, undefined, b, undefined], blank(2, 8))).toThrow(named('lost'));
    expect(() => codec.rebuild([a, b, undefined, undefined], blank(1, 8))).toThrow(named('lost'));
  });

  it('refuses lengths that do not fit, and writes nothing', () => {
    const parity = blank(2, 8);
    expect(() => codec.encode([a, group(1, 9)[0]!], parity)).toThrow(named('shards'));
    expect(() => codec.encode([a, b], [parity[0]!, new Uint8Array(9)])).toThrow(named('parity'));
    expect(() => codec.rebuild([undefined, undefined, a, b], [parity[0]!, new Uint8Array(7)])).toThrow(named('lost'));
    expect(() => codec.rebuild([undefined, a, group(1, 9)[0]!, undefined], blank(1, 8))).toThrow(named('shards'));
    expect(parity).toEqual(blank(2, 8));
  });
}

describe('reedSolomon', () => {
  test.each([
    ['data', 0, 3],
    ['data', 256, 1],
    ['data', 2.5, 1],
    ['data', '10', 3],
    ['parity', 10, 0],
    ['parity', 10, -1],
    ['parity', 1, 256],
    ['parity', 128, 129],
    ['parity', 10, Number.NaN],
  ])('refuses a shape with wrong %s: %s/%s', (option, data, parity) => {
    const make = (): unknown => reedSolomon(data as number, parity as number);
    expect(make).toThrow(OptionError);
    expect(make).toThrow(`option ${option} must be`);
  });

  it('refuses options that are none', () => {
    expect(() => reedSolomon(1, 1, null as never)).toThrow('option options must be');
    expect(() => reedSolomon(1, 1, { portable: 1 } as never)).toThrow('option portable must be');
  });

  it('shares the codecs of a shape, and forgets the oldest of more than 32', async () => {
    vi.resetModules();
    const { reedSolomon } = await import('../../../src/core/fec/reed-solomon.ts');
    const first = reedSolomon(9, 1);
    expect(reedSolomon(9, 1)).toBe(first);
    expect(reedSolomon(9, 1, { portable: true })).not.toBe(first);
    for (let parity = 2; parity <= 32; parity++) reedSolomon(9, parity);
    expect(reedSolomon(9, 1)).toBe(first);
    reedSolomon(9, 33);
    expect(reedSolomon(9, 1)).not.toBe(first);
  });

  it('says what shape a codec has', () => {
    expect(reedSolomon(70, 30)).toMatchObject({ data: 70, parity: 30 });
  });
});
