// What a hostile stream of FEC packets costs the end that receives it, counted: so that another client of a server does not wait for it.
// (How long that takes, bench/hostile/fec-stream.ts shows.)

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Codec, codecs } from '../../../src/core/fec/codec.ts';
import { FecDecoder } from '../../../src/core/fec/decoder.ts';
import { Counters } from '../../../src/counters/counters.ts';
import { type FecStream, HONEST_STREAM, HOSTILE_STREAMS } from './hostile-streams.ts';

const CONV = 7;
const DATAGRAMS = 6000;
/** Shards of a group that can be missing at most, and stand for each other at most: half of 256. */
const MISSING_MAX = 128;
/** What is rebuilt has the length of the longest shard. */
const SHARD_MAX = 1500;

interface Work {
  /** Products of a coefficient and a byte. */
  products: number;
  rebuilt: number;
  codecs: number;
  bytesOut: number;
  bytesIn: number;
}

const work: Work = { products: 0, rebuilt: 0, codecs: 0, bytesOut: 0, bytesIn: 0 };

beforeEach(() => {
  Object.assign(work, { products: 0, rebuilt: 0, codecs: 0, bytesOut: 0, bytesIn: 0 });
  const { rebuild } = Codec.prototype;
  vi.spyOn(Codec.prototype, 'rebuild').mockImplementation(function (this: Codec, shards, lost) {
    work.rebuilt++;
    work.products += lost.length * this.data * (lost[0]?.length ?? 0);
    rebuild.call(this, shards, lost);
  });
  const of = codecs.of.bind(codecs);
  const made = new Set<Codec>();
  vi.spyOn(codecs, 'of').mockImplementation((data, parity) => {
    const codec = of(data, parity);
    if (!made.has(codec)) work.codecs++;
    made.add(codec);
    return codec;
  });
});
afterEach(() => vi.restoreAllMocks());

/** Feeds `count` datagrams of a stream to the decoder of a conversation, and checks the work of each. */
function feed({ datagram }: FecStream, count: number): void {
  const decoder = new FecDecoder({ data: 10, parity: 3 }, new Counters(), () => {}, CONV);
  for (let i = 0; i < count; i++) {
    const packet = datagram(i, CONV);
    const output: Uint8Array[] = [];
    const before = { ...work };
    decoder.decode(packet, output);
    decoder.copyBorrowed();
    work.bytesIn += packet.length;
    work.bytesOut += output.reduce((sum, { length }) => sum + length, 0);
    // A shape that is proven at last may complete the groups that have waited for it: the newest, and the three before it.
    expect(work.rebuilt - before.rebuilt).toBeLessThanOrEqual(4);
    expect(work.codecs - before.codecs).toBeLessThanOrEqual(1);
  }
}

describe.each(HOSTILE_STREAMS.map((stream) => [stream.name, stream] as const))('%s', (_, stream) => {
  test('costs a bounded number of steps for each datagram', () => {
    feed(stream, DATAGRAMS);
    // A group is rebuilt once, from as many shards as it has data.
    expect(work.products).toBeLessThanOrEqual(DATAGRAMS * MISSING_MAX * SHARD_MAX);
    expect(work.rebuilt).toBeLessThanOrEqual(DATAGRAMS);
    // To prove a shape takes four datagrams.
    expect(work.codecs).toBeLessThanOrEqual(DATAGRAMS / 4 + 1);
    // What comes out has come in, or is one of at most 255 shards for each that has come.
    expect(work.bytesOut).toBeLessThanOrEqual(2 * DATAGRAMS * SHARD_MAX);
  });
});

test('the streams reach what they aim at: rebuilding much, and other shapes', () => {
  const [, , halves, shapes] = HOSTILE_STREAMS as [FecStream, FecStream, FecStream, FecStream];
  feed(halves, 2000);
  expect(work.rebuilt).toBeGreaterThan(8);
  expect(work.products).toBeGreaterThan(1000 * 100 * 1000);
  feed(shapes, 2000);
  expect(work.codecs).toBeGreaterThan(200);
});

test('an honest stream with a loss in each group is rebuilt: the counting counts', () => {
  feed(HONEST_STREAM, 1300);
  // All groups but those before the shape is proven.
  expect(work.rebuilt).toBeGreaterThan(95);
  expect(work.products).toBeGreaterThan(95 * 10 * 1000);
});
