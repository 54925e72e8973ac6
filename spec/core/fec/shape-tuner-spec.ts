import { describe, expect, test } from 'vitest';
import type { FecShape } from '../../../src/core/fec/shape.ts';
import { ShapeTuner } from '../../../src/core/fec/shape-tuner.ts';
import { Decoding, encoded, hexes, packets } from '../../support/fec.ts';
import { bytes, integer, seeded, seeds } from '../../support/random.ts';

/** Types as a string of `d` and `p`; any other letter is lost. Returns what the last sample told. */
function tuned(types: string, from = 0, tuner = new ShapeTuner()): FecShape | undefined {
  let shape: FecShape | undefined;
  [...types].forEach((type, i) => {
    if (type === 'd' || type === 'p') shape = tuner.sample(from + i, type === 'd');
  });
  return shape;
}

describe('the shape of a peer’s groups', () => {
  test.each([
    ['dddpp', undefined],
    ['dddppd', { data: 3, parity: 2 }],
    ['dpd', { data: 1, parity: 1 }],
    ['.ddppd', { data: 3, parity: 2 }],
    ['..d.pd', undefined],
    // Twelve may be a group, and so may three, four or six.
    ['dddpp.ddd..dddpp', undefined],
    ['dd.ppdddpp', { data: 3, parity: 2 }],
    ['d..ppd...p.dd', { data: 3, parity: 2 }],
    // The end of a group of fifteen, too.
    ['..........dddppd', undefined],
    ['..........dddppdddppd', { data: 3, parity: 2 }],
  ])('%s tells %o', (types, shape) => {
    expect(tuned(types)).toEqual(shape);
  });

  test('is not told by packets that disagree', () => {
    expect(tuned('pdddppd')).toBeUndefined();
    expect(tuned('dddppdddppddpp')).toBeUndefined();
  });

  test('may be any that there is', () => {
    expect(tuned(`${'d'.repeat(255)}pd`)).toEqual({ data: 255, parity: 1 });
    expect(tuned(`d${'p'.repeat(255)}d`)).toEqual({ data: 1, parity: 255 });
    expect(tuned(`${'d'.repeat(256)}pd`)).toBeUndefined();
  });

  test.each(seeds(20))('is found soon in a stream with losses, forged numbers and all (seed %i)', (seed) => {
    const random = seeded(seed);
    const shape = { data: integer(random, 1, 70), parity: integer(random, 1, 30) };
    const length = shape.data + shape.parity;
    const tuner = new ShapeTuner();
    const base = length * integer(random, 0, 1e6);
    let found: FecShape | undefined;
    let taken = 0;
    for (let i = 0; i < 400 * length && found === undefined; i++) {
      if (random() < 0.3) tuner.sample(integer(random, 0, 0xffff_ffff), random() < 0.5);
      if (random() < 0.3) continue;
      taken++;
      found = tuner.sample(base + i, i % length < shape.data);
    }
    expect(found).toEqual(shape);
    expect(taken).toBeLessThan(12 * length);
  });
});

/** All shapes that agree with every packet, by looking. */
class NaiveTuner {
  #shapes: FecShape[] = [];

  constructor() {
    for (let length = 2; length <= 256; length++) {
      for (let data = 1; data < length; data++) this.#shapes.push({ data, parity: length - data });
    }
  }

  sample(seqid: number, isData: boolean): FecShape | undefined {
    this.#shapes = this.#shapes.filter(({ data, parity }) => seqid % (data + parity) < data === isData);
    return this.#shapes.length === 1 ? this.#shapes[0] : undefined;
  }
}

describe('the search for a shape', () => {
  test.each(seeds(40))(
    'takes no longer than it has to, and finds only what no other shape agrees with (seed %i)',
    (seed) => {
      const random = seeded(seed);
      const shape = { data: integer(random, 1, 20), parity: integer(random, 1, 10) };
      const length = shape.data + shape.parity;
      const base = length * integer(random, 0, seed % 3 === 0 ? 0xffff_0000 / length : 10);
      const loss = seed % 2 === 0 ? 0 : 0.2;
      const [tuner, naive] = [new ShapeTuner(), new NaiveTuner()];
      for (let i = integer(random, 0, length); i < 12 * length; i++) {
        if (random() < loss) continue;
        const [seqid, isData] = [base + i, i % length < shape.data];
        const [found, only] = [tuner.sample(seqid, isData), naive.sample(seqid, isData)];
        if (found !== undefined || loss === 0) expect(found).toEqual(only);
        if (found !== undefined) return expect(found).toEqual(shape);
      }
      expect.unreachable('the shape was not found');
    },
  );

  test.each([
    // 720720 is a multiple of all lengths up to 16, and of many more.
    ['contradictions where many lengths are possible', (i: number) => [720_720 * 3 - 500 + i, i % 1000 !== 499]],
    ['chance', (i: number) => [720_720 + ((i * 7919) % 1021), (i * 31) % 17 < 9]],
    ['types that change', (i: number) => [720_720 + (i >> 1), i % 2 === 0]],
    ['places that change', (i: number) => [(i >> 1) * 100_000 + (i & 1), true]],
    ['wherever', (i: number) => [Math.imul(i, 0x9e3779b9) >>> 0, i % 3 > 0]],
  ] as const)('costs the same for each packet, whatever it claims: %s', (_, claim) => {
    const tuner = new ShapeTuner();
    for (let i = 0; i < 5000; i++) {
      const before = tuner.evaluations;
      tuner.sample(...(claim(i) as [number, boolean]));
      // Once in 256 samples the evidence of five portions is put together.
      expect(tuner.evaluations - before).toBeLessThanOrEqual(8);
      expect(tuner.evaluations).toBeLessThanOrEqual(4 * (i + 1) + 8);
    }
  });

  test('costs nothing for a packet that was there before', () => {
    const tuner = new ShapeTuner();
    for (let i = 0; i < 1000; i++) tuner.sample(720_720 + i, i % 300 !== 0);
    const before = tuner.evaluations;
    for (let i = 0; i < 1000; i++) tuner.sample(720_720 + i, i % 300 !== 0);
    expect(tuner.evaluations).toBe(before);
  });

  test('forgets contradictions with time', () => {
    const tuner = new ShapeTuner();
    // No length that divides this has parity here.
    tuner.sample(720_720, false);
    let taken = 2;
    while (tuner.sample(720_720 + taken, taken % 5 < 3) === undefined && taken < 3000) taken++;
    expect(taken).toBeGreaterThan(1000);
    expect(taken).toBeLessThan(1400);
  });

  test('begins again where a seqid has another type than before: the peer has started again', () => {
    const tuner = new ShapeTuner();
    tuned('ddddddddddpppdddd', 0, tuner);
    expect(tuned('dpdpd', 10, tuner)).toEqual({ data: 1, parity: 1 });
  });
});

describe('a decoder', () => {
  test('that knows of no FEC learns the shape from the first group, and recovers from the second on', () => {
    const shape = { data: 10, parity: 3 };
    const source = packets(seeded(1), 30);
    const decoding = new Decoding();
    decoding.take(...encoded(source, shape).filter((_, i) => i < 13 || i % 13 < 5 || i % 13 > 7));
    expect(decoding.counters.FECRecovered).toBe(6);
    expect(decoding.all).toEqual(hexes(source));
  });

  test.each([
    [
      { data: 10, parity: 3 },
      { data: 3, parity: 1 },
    ],
    [
      { data: 10, parity: 3 },
      { data: 11, parity: 2 },
    ],
    [
      { data: 2, parity: 2 },
      { data: 2, parity: 1 },
    ],
    [
      { data: 3, parity: 1 },
      { data: 20, parity: 10 },
    ],
  ])('follows a change from %o to %o, and never hands up what nobody sent', (before, after) => {
    for (const seed of seeds(60)) {
      const random = seeded(seed);
      const groups = seed % 2 === 0 ? 10 : 100;
      // Alike but for four bytes, as KCP packets are: what a wrong matrix makes of these looks right.
      const source = Array.from({ length: groups * before.data + 300 }, () => {
        const packet = new Uint8Array(24).fill(7);
        packet.set(bytes(random, 4));
        return packet;
      });
      const first = encoded(source.slice(0, groups * before.data), before);
      const second = encoded(source.slice(groups * before.data), after);
      const decoding = new Decoding(seed % 3 === 0 ? undefined : before);
      for (const datagram of [...first, ...second]) if (random() > 0.1) decoding.take(datagram);
      const real = new Set(hexes(source));
      const invented = decoding.all.filter((packet) => !real.has(packet));
      expect(invented, `seed ${seed}`).toEqual([]);
      expect(decoding.counters.FECRecovered, `seed ${seed}`).toBeGreaterThan(10);
    }
    const clean = new Decoding(before).take(...encoded(packets(seeded(2), 10 * before.data), before));
    const length = after.data + after.parity;
    const second = encoded(packets(seeded(3), 50 * after.data), after, 1000 * length);
    clean.take(...second.filter((_, i) => i < 20 * length || i % length !== 0));
    expect(clean.counters.FECRecovered).toBe(30);
  });
});
