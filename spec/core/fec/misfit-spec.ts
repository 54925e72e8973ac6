// Packets that do not fit a proven shape: one alone, which may be forged, and the two that show a real change.

import { describe, expect, test } from 'vitest';
import { seqidOf, TYPE_DATA, TYPE_PARITY, writeFecHeader } from '../../../src/core/fec/header.ts';
import type { FecShape } from '../../../src/core/fec/shape.ts';
import { Decoding, encoded, hexes, packets } from '../../support/fec.ts';
import { integer, seeded, seeds } from '../../support/random.ts';

const shape = { data: 10, parity: 3 };

/** A packet as anybody can make it who knows the numbers. */
function forged(seqid: number, type: number): Uint8Array {
  const packet = new Uint8Array(40);
  writeFecHeader(packet, seqid, type);
  return packet;
}

/** Plays a stream of which one data packet of each group is lost, and what `disturb` adds in front of each datagram. */
function play(groups: number, disturb: (i: number) => Uint8Array | undefined): Decoding {
  const decoding = new Decoding(shape);
  for (const [i, datagram] of encoded(packets(seeded(1), groups * shape.data), shape).entries()) {
    const extra = disturb(i);
    if (extra !== undefined) decoding.take(extra);
    if (i % 13 !== 4) decoding.take(datagram);
  }
  return decoding;
}

const undisturbed = play(40, () => undefined).counters.FECRecovered;

describe('a packet that does not fit the shape', () => {
  test('alone, delays repair for a moment and costs none of it', () => {
    for (const at of [200, 203, 205, 214, 220]) {
      for (const ahead of [-20, -3, 0, 9, 30]) {
        const seqid = at + ahead;
        const wrong = seqid % 13 < 10 ? TYPE_PARITY : TYPE_DATA;
        const { counters } = play(40, (i) => (i === at ? forged(seqid, wrong) : undefined));
        expect(counters.FECRecovered, `${seqid} at ${at}`).toBe(undisturbed);
      }
    }
  });

  test('is still alone when it is repeated', () => {
    const { counters } = play(40, (i) => (i === 200 || i === 202 || i === 207 ? forged(204, TYPE_PARITY) : undefined));
    expect(counters.FECRecovered).toBe(undisturbed);
  });

  test.each(seeds(10))('from anywhere, again and again, ends nothing (seed %i)', (seed) => {
    const random = seeded(seed);
    const { counters } = play(40, (i) => {
      return i > 30 && i % 10 === 0 ? forged(integer(random, 0, 0xffff_fffe), TYPE_PARITY) : undefined;
    });
    expect(counters.FECRecovered).toBe(undisturbed);
  });

  test('from one place far away, again and again, ends nothing either', () => {
    for (const type of [TYPE_DATA, TYPE_PARITY]) {
      const { counters } = play(40, (i) => (i > 30 && i % 5 === 0 ? forged(6_000_003, type) : undefined));
      expect(counters.FECRecovered).toBe(undisturbed);
    }
  });

  test('suspends repair until the packets since then have proven the shape again', () => {
    const all = encoded(packets(seeded(2), 60), shape);
    const decoding = new Decoding(shape).take(...all.slice(0, 40));
    decoding.take(forged(44, TYPE_PARITY), ...all.slice(40, 52).filter((_, i) => i !== 5));
    expect(decoding.counters.FECRecovered).toBe(0);
    decoding.take(...all.slice(52, 62));
    expect(decoding.counters.FECRecovered).toBe(0);
    // The end of one group and two whole borders of the next leave no other shape.
    decoding.take(all[62] as Uint8Array);
    expect(decoding.counters.FECRecovered).toBe(1);
  });

  test('with another one nearby shows a change, which is followed', () => {
    const next = { data: 4, parity: 2 };
    const first = encoded(packets(seeded(3), 100), shape);
    const second = encoded(packets(seeded(4), 80), next, 132);
    const decoding = new Decoding(shape).take(...first, ...second.filter((_, i) => i % 6 !== 2 || i < 18));
    expect(decoding.counters.FECRecovered).toBe(17);
  });
});

describe('a change of shape while running', () => {
  const shapes: readonly FecShape[] = [
    { data: 1, parity: 1 },
    { data: 3, parity: 1 },
    { data: 4, parity: 2 },
    { data: 5, parity: 2 },
    { data: 10, parity: 3 },
    { data: 11, parity: 2 },
  ];

  test.each(seeds(60))('invents nothing where less is lost than shows it, and is found out (seed %i)', (seed) => {
    const random = seeded(seed);
    const [before, after] = [shapes[seed % 6], shapes[integer(random, 0, 5)]] as [FecShape, FecShape];
    const long = [before, after].map(({ data, parity }) => data + parity) as [number, number];
    // Alike but for a byte, as KCP packets are: what a wrong matrix makes of them looks right.
    const source = Array.from({ length: 60 * (before.data + after.data) }, (_, i) =>
      new Uint8Array(24).fill(i, 12, 13),
    );
    const first = encoded(source.slice(0, 60 * before.data), before);
    const from = Math.ceil((60 * long[0]) / long[1]) * long[1];
    const second = encoded(source.slice(60 * before.data), after, from);
    const decoding = new Decoding(before);
    for (const datagram of [...first, ...second]) if (random() > 0.08) decoding.take(datagram);
    const real = new Set(hexes(source));
    expect(decoding.all.filter((packet) => !real.has(packet))).toEqual([]);
    const found = decoding.counters.FECRecovered;
    const start = from + 70 * long[1];
    const third = encoded(source, after, start);
    decoding.take(...third.filter((one) => seqidOf(one) < start + 20 * long[1] || seqidOf(one) % long[1] !== 0));
    expect(decoding.counters.FECRecovered).toBeGreaterThan(found + 20);
  });
});
