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
