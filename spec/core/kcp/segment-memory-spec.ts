import { expect, test } from 'vitest';
import { SegmentMemory } from '../../../src/core/kcp/segment-memory.ts';
import { integer, seeded, seeds } from '../../support/random.ts';

interface Kept {
  readonly sn: number;
  bytes: Uint8Array;
}

const intact = ({ sn, bytes }: Kept): boolean => bytes.every((byte) => byte === (sn & 0xff));

test.each(seeds(20))('what is not acknowledged stays as it was, over a wrap-around of sn (seed %i)', (seed) => {
  const random = seeded(seed);
  const memory = new SegmentMemory(true);
  const kept: Kept[] = [];
  let sn = 0x7fff_ff00;
  for (let step = 0; step < 3000; step++) {
    const last = kept.at(-1);
    if (last !== undefined && random() < 0.2) {
      last.bytes = memory.extend(last.bytes, integer(random, 1, 300), last.sn, kept.length - 1);
      last.bytes.fill(last.sn);
    } else {
      const bytes = memory.take(integer(random, 25, 3000), sn, kept.length);
      bytes.fill(sn);
      kept.push({ sn, bytes });
      sn = (sn + 1) | 0;
    }
    if (random() < 0.05) {
      const count = random() < 0.1 ? kept.length : integer(random, 0, kept.length);
      kept.splice(0, count);
      memory.acknowledgedUpTo(kept[0]?.sn ?? sn);
    }
    if (step % 20 === 0) expect(kept.filter((one) => !intact(one))).toEqual([]);
  }
  expect(kept.filter((one) => !intact(one))).toEqual([]);
});

/** Memories that a thousand windows of segments take. */
function memoriesOf(window: number, sendsInOrder: boolean): number {
  const memory = new SegmentMemory(sendsInOrder);
  const memories = new Set<ArrayBufferLike>();
  for (let sn = 0; sn < 1000 * window; sn++) {
    if (sn >= window) memory.acknowledgedUpTo(sn - window + 1);
    memories.add(memory.take(1400, sn, Math.min(sn, window - 1)).buffer);
  }
  return memories.size;
}

test('a window that moves on for ever takes as much memory as it has room in', () => {
  expect(memoriesOf(64, true)).toBeLessThan(10);
  expect(memoriesOf(64, false)).toBeGreaterThan(1000);
  // Few segments share what everybody has.
  expect(memoriesOf(8, true)).toBeGreaterThan(100);
});

test('a slab is free when its last segment is acknowledged, not before', () => {
  const memory = new SegmentMemory(true);
  const segments = Array.from({ length: 100 }, (_, sn) => memory.take(1400, sn, 32 + sn).fill(sn));
  const last = segments.findIndex((segment, sn) => segments[sn + 1]?.buffer !== segment.buffer);
  memory.acknowledgedUpTo(last);
  for (let sn = 100; sn < 300; sn++) memory.take(1400, sn, 32 + sn).fill(0xff);
  expect(segments[last]?.every((byte) => byte === last)).toBe(true);
});

test('what a peak took is not kept for a trickle', () => {
  const memory = new SegmentMemory(true);
  const memories = new Set<ArrayBufferLike>();
  for (let sn = 0; sn < 10_000; sn++) memories.add(memory.take(1400, sn, sn).buffer);
  const peak = memories.size;
  memory.acknowledgedUpTo(9990);
  let sn = 10_000;
  for (; sn < 10_100; sn++) {
    memory.take(100, sn, 10);
    memory.acknowledgedUpTo(sn - 10);
  }
  // A window of 64 from here on: it would find the slabs of the peak.
  const later = new Set<ArrayBufferLike>();
  for (; sn < 12_000; sn++) {
    later.add(memory.take(1400, sn, 64).buffer);
    memory.acknowledgedUpTo(sn - 64);
  }
  expect(peak).toBeGreaterThan(200);
  expect([...later].filter((one) => memories.has(one))).toEqual([]);
});

test('of the slabs of a peak as many are kept as are in use', () => {
  const memory = new SegmentMemory(true);
  const memories = new Set<ArrayBufferLike>();
  for (let sn = 0; sn < 10_000; sn++) memories.add(memory.take(1400, sn, sn).buffer);
  const later = new Set<ArrayBufferLike>();
  for (let sn = 10_000; sn < 60_000; sn++) {
    memory.acknowledgedUpTo(sn - 100);
    later.add(memory.take(1400, sn, 100).buffer);
  }
  expect(later.size).toBeLessThan(10);
});
