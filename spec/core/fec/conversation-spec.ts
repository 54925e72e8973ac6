// FEC belongs to one conversation: shards of another one never get into its groups.

import { describe, expect, test } from 'vitest';
import { convOf, isPacketOf } from '../../../src/core/conversation.ts';
import { TYPE_PARITY } from '../../../src/core/fec/header.ts';
import { Decoding, encoded, hexes } from '../../support/fec.ts';
import { push } from '../../support/marbles.ts';
import { integer, seeded, seeds } from '../../support/random.ts';

const shape = { data: 3, parity: 2 };

/** Packets of a conversation, alike but for their sequence numbers and one byte of their data, as those of a bulk transfer are. */
const packetsOf = (conv: number, count: number, from = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => push(from + i, `message ${String.fromCharCode((from + i) % 128)}`, { conv }));

/** What a conversation sends, in FEC's framing. */
const streamOf = (conv: number, groups: number, of = shape, from = 0): Uint8Array[] =>
  encoded(packetsOf(conv, groups * of.data, from), of, (from / of.data) * (of.data + of.parity));

const isParity = (datagram: Uint8Array): boolean => datagram[4] === TYPE_PARITY;

describe('the conversation of a datagram', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 1],
    [5, 2],
    [10, 3],
    [70, 30],
    [255, 1],
    [1, 255],
    [128, 128],
  ])('shows in parity of %i/%i where it shows in data', (data, parity) => {
    for (const conv of [0, 1, 0x8123_4567, 0xffff_ffff]) {
      for (const datagram of streamOf(conv, 2, { data, parity })) expect(convOf(datagram)).toBe(conv | 0);
    }
  });

  test('does not show in a datagram that is too short for it', () => {
    const parity = streamOf(7, 1).find(isParity) as Uint8Array;
    expect(convOf(parity.subarray(0, 12))).toBe(7);
    expect(convOf(parity.subarray(0, 11))).toBeUndefined();
    expect(convOf((streamOf(7, 1)[0] as Uint8Array).subarray(0, 31))).toBeUndefined();
  });
});

describe('a decoder that serves one conversation', () => {
  test('hands up data of another one, and files neither that nor its parity', () => {
    const decoding = new Decoding(shape, 7);
    const foreign = streamOf(8, 3);
    decoding.take(...foreign);
    expect(hexes(decoding.regular)).toEqual(hexes(packetsOf(8, 9)));
    expect(decoding.counters).toMatchObject({ FECShardSet: 0, FECParityShards: 0, FECFullShardSet: 0, FECErrs: 0 });
  });

  test('does not learn the shape from another one', () => {
    const decoding = new Decoding(undefined, 7);
    decoding.take(...streamOf(8, 20, { data: 2, parity: 1 }));
    const own = streamOf(7, 8);
    decoding.take(...own.filter((_, i) => i % 5 !== 1 || i < 5));
    expect(hexes(decoding.recovered)).toEqual(hexes(packetsOf(7, 24).filter((_, i) => i % 3 === 1 && i > 3)));
  });

  test('takes parity into account from its first data on', () => {
    const [a, , c, p, q] = streamOf(7, 1) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const later = streamOf(7, 3, shape, 3);
    const early = new Decoding(shape, 7).take(p, q, a, c, ...later);
    expect(early.counters.FECParityShards).toBe(6);
    expect(early.recovered).toEqual([]);
    const inOrder = new Decoding(shape, 7).take(a, c, p, ...later);
    expect(inOrder.counters.FECParityShards).toBe(7);
    expect(hexes(inOrder.recovered)).toEqual(hexes(packetsOf(7, 2).slice(1)));
  });

  test.each(seeds(40))(
    'delivers nothing but its own, with shards of two others among them in any order (seed %i)',
    (seed) => {
      const random = seeded(seed);
      const own = streamOf(7, 20);
      const others = [streamOf(8, 20), streamOf(0x107, 20), streamOf(8, 20, { data: 7, parity: 1 })];
      const decoding = new Decoding(random() < 0.5 ? shape : undefined, 7);
      for (const [i, datagram] of own.entries()) {
        for (const other of others) {
          // Parity of old conversations, above all for the groups that are collected now.
          const at = integer(random, i - 6, i + 12);
          const stale = other[at];
          if (stale !== undefined && (isParity(stale) || random() < 0.3)) decoding.take(stale);
        }
        if (random() > 0.25) decoding.take(datagram);
      }
      const real = new Set(hexes(packetsOf(7, 60)));
      expect(hexes(decoding.recovered).filter((packet) => !real.has(packet))).toEqual([]);
      expect(decoding.counters.FECRecovered).toBeGreaterThan(0);
      expect(decoding.counters.FECErrs).toBe(0);
    },
  );

  test('gives up a group if one of the packets rebuilt for it is not made of segments of the conversation', () => {
    const decoding = new Decoding(shape, 7).take(...streamOf(7, 2));
    const [a, b, c] = packetsOf(7, 3, 6) as [Uint8Array, Uint8Array, Uint8Array];
    // The peer lies in its parity: a segment that claims to be longer than the packet.
    b[20] = 200;
    const group = encoded([a, b, c], shape, 10);
    decoding.take(...group.filter((_, i) => i !== 0 && i !== 1));
    expect(decoding.recovered).toEqual([]);
    expect(decoding.counters).toMatchObject({ FECErrs: 2, FECRecovered: 0 });
    decoding.take(...streamOf(7, 1, shape, 9).filter((_, i) => i !== 2));
    expect(decoding.counters).toMatchObject({ FECErrs: 2, FECRecovered: 1 });
  });
});

describe('a decoder of packets that are not KCP’s', () => {
  test('takes all shards for one stream, whatever their bytes', () => {
    const random = seeded(5);
    const source = Array.from({ length: 30 }, () => Uint8Array.from({ length: 40 }, () => integer(random, 0, 255)));
    const datagrams = encoded(source, shape);
    const decoding = new Decoding().take(...datagrams.filter((_, i) => i % 5 !== 2 || i < 5));
    expect(hexes(decoding.recovered)).toEqual(hexes(source.filter((_, i) => i % 3 === 2 && i > 2)));
  });
});

describe('a rebuilt packet', () => {
  const two = Uint8Array.from([...push(1, 'ab', { conv: 7 }), ...push(2, 'c', { conv: 7 })]);

  test.each([
    ['two whole segments', two, true],
    ['and a rest that kcp-go ignores', Uint8Array.from([...two, 1, 2, 3]), true],
    ['a header alone', push(1, '', { conv: 7 }), true],
    ['less than a header', two.subarray(0, 23), false],
    ['less data than the header says', two.subarray(0, two.length - 1), false],
    ['another conversation', push(1, 'ab', { conv: 8 }), false],
    [
      'another conversation behind',
      Uint8Array.from([...push(1, 'a', { conv: 7 }), ...push(1, 'a', { conv: 8 })]),
      false,
    ],
    ['no command of KCP’s', Uint8Array.from(two.with(4, 85)), false],
    ['a negative length', Uint8Array.from(two.with(23, 0x80)), false],
  ])('of %s', (_, packet, isOurs) => {
    expect(isPacketOf(packet, 7)).toBe(isOurs);
  });
});
