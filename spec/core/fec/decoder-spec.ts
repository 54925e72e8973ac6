import { describe, expect, test } from 'vitest';
import { TYPE_DATA, TYPE_PARITY, writeFecHeader } from '../../../src/core/fec/header.ts';
import { reedSolomon } from '../../../src/core/fec/reed-solomon.ts';
import { seqidEnd } from '../../../src/core/fec/shape.ts';
import { Decoding, encoded, hexes, packets, proven, shuffled } from '../../support/fec.ts';
import { bytes, integer, pick, seeded, seeds } from '../../support/random.ts';

const shapes = [
  { data: 10, parity: 3 },
  { data: 4, parity: 4 },
] as const;

/** All ways to lose at most `most` of `count`, as bits. */
function lossPatterns(count: number, most: number): number[] {
  const bitsIn = (pattern: number): number => pattern.toString(2).replaceAll('0', '').length;
  return Array.from({ length: 2 ** count }, (_, pattern) => pattern).filter((pattern) => bitsIn(pattern) <= most);
}

const survivors = (datagrams: readonly Uint8Array[], lost: number): Uint8Array[] =>
  datagrams.filter((_, i) => (lost & (1 << i)) === 0);

describe.each(shapes)('of a group of $data and $parity', (shape) => {
  const random = seeded(shape.data);
  const source = packets(random, shape.data, 200);
  const { next } = proven(shape);
  const group = encoded(source, shape, next);
  const patterns = lossPatterns(group.length, shape.parity);

  test(`all data comes up exactly once, whichever ${shape.parity} are lost, in any order, with duplicates`, () => {
    expect(patterns.length).toBe(shape.data === 10 ? 378 : 163);
    for (const lost of patterns) {
      const arrived = survivors(group, lost);
      // What comes twice comes up twice, but for what was rebuilt: the ARQ knows a segment when it sees it again.
      const twice = arrived.filter((datagram) => datagram[4] === TYPE_PARITY);
      const decoding = proven(shape).decoding.take(...shuffled(random, [...arrived, ...twice, ...twice]));
      const wanted = new Set(hexes(source));
      expect(new Set(decoding.all)).toEqual(wanted);
      // In an order of chance a data shard may come after it was rebuilt.
      expect(new Set(hexes(decoding.recovered)).size).toBe(decoding.recovered.length);
      const inOrder = proven(shape).decoding.take(...arrived, ...twice);
      expect(inOrder.all).toEqual(hexes(source));
      const missing = shape.data - arrived.filter((datagram) => datagram[4] === TYPE_DATA).length;
      expect(inOrder.counters).toMatchObject({
        FECRecovered: missing,
        FECFullShardSet: missing === 0 ? 1 : 0,
        FECParityShards: twice.length,
        FECErrs: 0,
      });
    }
  });

  test('with one more lost nothing comes up but what arrived', () => {
    const tooMany = lossPatterns(group.length, shape.parity + 1).slice(patterns.length > 0 ? 0 : 1);
    for (const lost of tooMany.filter((pattern) => !patterns.includes(pattern))) {
      const { decoding } = proven(shape);
      decoding.take(...shuffled(random, survivors(group, lost)));
      expect(decoding.recovered).toEqual([]);
      expect(decoding.counters.FECRecovered).toBe(0);
    }
  });
});

describe('FEC decoding', () => {
  test.each(seeds(30))(
    'delivers everything once, whole groups over, across the wrap, whatever the peer (seed %i)',
    (seed) => {
      const random = seeded(seed);
      const data = integer(random, 2, 20);
      const shape = { data, parity: integer(random, 1, 8) };
      const length = shape.data + shape.parity;
      const groups = 30;
      const source = packets(random, groups * data, 300);
      const all = encoded(source, shape, seqidEnd(shape) - length * integer(random, 1, groups));
      const kept: Uint8Array[] = [];
      for (let at = 0; at < all.length; at += length) {
        const lost = integer(random, 0, shape.parity);
        kept.push(...shuffled(random, shuffled(random, all.slice(at, at + length)).slice(lost)));
      }
      const decoding = new Decoding(shape).take(...kept);
      expect(new Set(decoding.all)).toEqual(new Set(hexes(source)));
      expect(decoding.counters.FECShardSet).toBeLessThanOrEqual(4);
      expect(decoding.counters.FECErrs).toBe(0);
    },
  );

  test('hands up data as it comes, before anything is decoded', () => {
    const source = packets(seeded(4), 3);
    const [a, b, c] = encoded(source, { data: 3, parity: 1 }) as [Uint8Array, Uint8Array, Uint8Array];
    const decoding = new Decoding({ data: 3, parity: 1 });
    expect(decoding.take(c).regular).toEqual([source[2]]);
    expect(decoding.take(a, b).regular).toEqual([source[2], source[0], source[1]]);
  });

  test('lets packets without FEC pass as they are', () => {
    const source = packets(seeded(5), 3);
    expect(new Decoding().take(...source).regular).toEqual(source);
  });

  test('forgets groups that lie more than three behind the newest', () => {
    const shape = { data: 2, parity: 1 };
    const source = packets(seeded(6), 10);
    const all = encoded(source, shape, proven(shape).next);
    const [first, , firstParity] = all as [Uint8Array, Uint8Array, Uint8Array];
    const inTime = proven(shape).decoding.take(first, all[9] as Uint8Array, firstParity);
    expect(hexes(inTime.recovered)).toEqual(hexes(source.slice(1, 2)));
    const tooLate = proven(shape).decoding.take(first, all[12] as Uint8Array, firstParity);
    expect(tooLate.recovered).toEqual([]);
    expect(tooLate.counters.FECShardSet).toBe(1);
  });

  test('refuses what was rebuilt from shards that lie about their size', () => {
    const shape = { data: 2, parity: 1 };
    for (const size of [0, 1, 1000]) {
      const { decoding, next } = proven(shape);
      const [kept, liar] = encoded(packets(seeded(7), 2), shape, next).map((one) => Uint8Array.from(one));
      liar?.set([size & 0xff, size >> 8], 6);
      const shards = [kept, liar].map((one) => (one as Uint8Array).subarray(6));
      const parity = new Uint8Array(6 + Math.max(...shards.map(({ length }) => length)));
      writeFecHeader(parity, next + 2, TYPE_PARITY);
      parityOf(shards, parity.subarray(6));
      decoding.take(kept as Uint8Array, parity);
      expect(decoding.recovered).toEqual([]);
      expect(decoding.counters).toMatchObject({ FECErrs: 1, FECRecovered: 0 });
    }
  });

  test('counts what is too short or too long for a shard, and drops it', () => {
    const decoding = new Decoding({ data: 1, parity: 1 });
    for (const length of [6, 7, 1501, 9000]) {
      const datagram = new Uint8Array(length);
      writeFecHeader(datagram, 0, TYPE_DATA);
      decoding.take(datagram);
    }
    expect(decoding.all).toEqual([]);
    expect(decoding.counters.InErrs).toBe(4);
  });

  test('one forged number from far away does not end the recovery of the true stream', () => {
    const shape = { data: 4, parity: 2 };
    const source = packets(seeded(8), 400);
    const all = encoded(source, shape);
    const decoding = new Decoding(shape);
    all.forEach((datagram, i) => {
      if (i % 6 !== 1) decoding.take(datagram);
      if (i === 200) {
        const forged = Uint8Array.from(datagram);
        writeFecHeader(forged, 6_000_000, TYPE_DATA);
        decoding.take(forged);
      }
    });
    expect(decoding.counters.FECRecovered).toBe(100);
  });

  test('but a stream that has really gone far ahead is followed', () => {
    const shape = { data: 4, parity: 2 };
    const decoding = new Decoding(shape).take(...encoded(packets(seeded(9), 8), shape));
    const ahead = encoded(packets(seeded(10), 8), shape, 6_000_000);
    decoding.take(...ahead.filter((_, i) => i % 6 !== 2));
    // The first of its packets was not believed, and so was rebuilt, too.
    expect(decoding.counters.FECRecovered).toBe(3);
    decoding.take(...encoded(packets(seeded(11), 8), shape, 0).filter((_, i) => i % 6 !== 2));
    expect(decoding.counters.FECRecovered).toBe(6);
  });

  test('a million random FEC packets: no throw, no growth, and the true stream is still recovered', () => {
    const random = seeded(12);
    const shape = { data: 10, parity: 3 };
    const source = packets(random, 2000);
    const all = encoded(source, shape);
    const decoding = new Decoding(shape);
    const noise = bytes(random, 4096);
    let kept = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const length = integer(random, 6, 40);
      const at = integer(random, 0, noise.length - length);
      const datagram = noise.slice(at, at + length);
      writeFecHeader(datagram, integer(random, 0, 0xffff_ffff), pick(random, [TYPE_DATA, TYPE_PARITY]));
      decoding.take(datagram);
      if (decoding.regular.length > 10_000) decoding.regular.length = 0;
      expectSmall(decoding.counters.FECShardSet);
      if (i % 400 === 0) decoding.take(all[kept++ % all.length] as Uint8Array);
    }
    // Forged types make it look for the shape again and again; once it is left alone it finds it.
    const before = decoding.counters.FECRecovered;
    decoding.take(...all.filter((_, i) => i % 13 !== 5 || i < 26));
    expect(decoding.counters.FECRecovered - before).toBeGreaterThan(190);
  });
});

function expectSmall(groups: number): void {
  if (groups > 4) throw new Error(`${groups} groups are kept`);
}

function parityOf(shards: readonly Uint8Array[], parity: Uint8Array): void {
  reedSolomon(shards.length, 1).encode(shards, [parity]);
}
