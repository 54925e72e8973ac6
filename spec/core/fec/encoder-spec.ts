import { expect, test } from 'vitest';
import { FecEncoder } from '../../../src/core/fec/encoder.ts';
import { seqidOf } from '../../../src/core/fec/header.ts';
import { reedSolomon } from '../../../src/core/fec/reed-solomon.ts';
import { seqidEnd } from '../../../src/core/fec/shape.ts';
import { encoded, packets } from '../../support/fec.ts';
import { toHex as hex } from '../../support/hex.ts';
import { bytes, integer, seeded, seeds } from '../../support/random.ts';

const typeOf = (datagram: Uint8Array): number => (datagram[4] as number) | ((datagram[5] as number) << 8);
const numbered = (datagrams: readonly Uint8Array[]): string =>
  datagrams.map((one) => `${seqidOf(one)}${typeOf(one) === 0xf1 ? 'd' : 'p'}`).join(' ');

test('a packet travels behind its number, the type of a data shard, and a size that counts itself', () => {
  const [datagram] = encoded([Uint8Array.of(0xaa, 0xbb, 0xcc)], { data: 2, parity: 1 }, 0x0102_0304);
  expect(hex(datagram as Uint8Array)).toBe(`04030201${'f100'}${'0500'}aabbcc`);
});

test('parity follows the last packet of its group, and numbers go on without a gap', () => {
  const source = packets(seeded(1), 7);
  expect(numbered(encoded(source, { data: 3, parity: 2 }))).toBe('0d 1d 2d 3p 4p 5d 6d 7d 8p 9p 10d');
});

test('parity is that of the shards behind the type field, padded with zeros to the longest', () => {
  const source = [Uint8Array.of(1), Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6)];
  const parity = encoded(source, { data: 3, parity: 2 }).slice(3);
  const expected = [new Uint8Array(6), new Uint8Array(6)];
  const shards = [Uint8Array.of(3, 0, 1), Uint8Array.of(6, 0, 1, 2, 3, 4), Uint8Array.of(4, 0, 5, 6)];
  reedSolomon(3, 2).encode(shards, expected);
  expect(parity.map((one) => hex(one.subarray(6)))).toEqual(expected.map(hex));
  expect(parity.map((one) => one.length)).toEqual([12, 12]);
});

test('each group has the length of its own longest packet', () => {
  const lengths = encoded(
    [100, 30, 40, 20].map((length) => new Uint8Array(length)),
    { data: 2, parity: 1 },
  );
  expect(lengths.map((one) => one.length)).toEqual([108, 38, 108, 48, 28, 48]);
});

test('numbers begin again from 0 where a whole number of groups ends', () => {
  const shape = { data: 3, parity: 1 };
  expect(seqidEnd(shape)).toBe(0xffff_fffc);
  const datagrams = encoded(packets(seeded(2), 6), shape, 0xffff_fffc - 4);
  expect(numbered(datagrams)).toBe('4294967288d 4294967289d 4294967290d 4294967291p 0d 1d 2d 3p');
});

test.each([
  [499, '0d 1d 2p 3d'],
  [500, '0d 1d 3d'],
])('%i ms between the last two packets of a group: %s', (pause, expected) => {
  const encoder = new FecEncoder({ data: 2, parity: 1 });
  const datagrams: Uint8Array[] = [];
  encoder.encode(new Uint8Array(24), 1000, datagrams);
  encoder.encode(new Uint8Array(24), 1000 + pause, datagrams);
  encoder.encode(new Uint8Array(24), 1000 + pause, datagrams);
  expect(numbered(datagrams)).toBe(expected);
});

test('groups of a single packet get parity from the second on: before the first there was only a pause', () => {
  expect(numbered(encoded(packets(seeded(3), 3), { data: 1, parity: 1 }))).toBe('0d 2d 3p 4d 5p');
});

test('a pause anywhere but before the last packet of a group does not matter', () => {
  const encoder = new FecEncoder({ data: 3, parity: 1 });
  const datagrams: Uint8Array[] = [];
  for (const now of [0, 10_000, 10_001]) encoder.encode(new Uint8Array(24), now, datagrams);
  expect(numbered(datagrams)).toBe('0d 1d 2d 3p');
});

test('nothing that was handed out is written to again', () => {
  const source = packets(seeded(3), 40, 1400);
  const encoder = new FecEncoder({ data: 4, parity: 4 });
  const datagrams: Uint8Array[] = [];
  const then: string[] = [];
  for (const packet of source) {
    encoder.encode(packet, 0, datagrams);
    packet.fill(0);
    then.push(...datagrams.slice(then.length).map(hex));
  }
  expect(datagrams.map(hex)).toEqual(then);
  // A datagram and the one after it do not share a byte.
  for (const datagram of datagrams) datagram.fill(0xee);
  expect(datagrams.every((one) => one.every((byte) => byte === 0xee))).toBe(true);
});

test.each(seeds(30))('with headroom it makes the same datagrams, in the memory of the packets (seed %i)', (seed) => {
  const random = seeded(seed);
  const shape = { data: integer(random, 1, 12), parity: integer(random, 1, 4) };
  const source = packets(random, 100, 1400);
  const expected = encoded(source, shape).map(hex);
  const encoder = new FecEncoder(shape);
  const datagrams: string[] = [];
  for (let at = 0; at < source.length; ) {
    const burst: Uint8Array[] = [];
    for (let count = integer(random, 1, 20); count > 0 && at < source.length; count--) {
      const memory = new Uint8Array([...bytes(random, 8), ...(source[at++] as Uint8Array)]);
      const place = burst.length;
      encoder.encode(memory.subarray(8), 0, burst, true);
      expect(burst[place]?.buffer).toBe(memory.buffer);
    }
    encoder.copyBorrowed();
    datagrams.push(...burst.map(hex));
    // Whoever has them may do with them as he likes.
    for (const datagram of burst) datagram.fill(0xee);
  }
  expect(datagrams).toEqual(expected);
});
