// Where the flushes of kcp-go would be. What they do to a conversation: spec/marbles, and the twins.

import { describe, expect, test } from 'vitest';
import { FlushGrid } from '../../../src/core/kcp/flush-grid.ts';

const INTERVAL = 10;
/** Clocks at which a grid may begin: anywhere, and just before 31 and 32 bits are used up. */
const STARTS = [0, 1234, 0x7fff_fff7, -5];

describe.each(STARTS)('a grid that begins at %i', (start) => {
  const at = (ms: number): number => (start + ms) | 0;

  test('has its first flush one interval later, and so it has when it begins again', () => {
    const grid = new FlushGrid(INTERVAL, start);
    expect(grid.next).toBe(at(10));
    grid.restart(at(123));
    expect(grid.next).toBe(at(133));
  });

  test('goes on one interval after a flush that was made, whenever that was', () => {
    const grid = new FlushGrid(INTERVAL, start);
    grid.flushed(at(13), undefined);
    expect(grid.next).toBe(at(23));
  });

  test('passes over flushes that were not made without moving', () => {
    for (const [now, next] of [
      [10, 20],
      [19, 20],
      [20, 30],
      [57, 60],
    ] as const) {
      const grid = new FlushGrid(INTERVAL, start);
      grid.skipTo(at(now), undefined);
      expect(grid.next).toBe(at(next));
    }
  });

  test('comes early for a retransmission that is due before, and not for one that is overdue, which is being held back', () => {
    for (const [due, next] of [
      [19, 30],
      [20, 30],
      [21, 21],
      [29, 29],
      [30, 30],
      [31, 30],
    ] as const) {
      const flushed = new FlushGrid(INTERVAL, start);
      flushed.flushed(at(20), at(due));
      const skipped = new FlushGrid(INTERVAL, start);
      skipped.skipTo(at(20), at(due));
      expect([flushed.next, skipped.next]).toEqual([at(next), at(next)]);
    }
  });

  test('tells its first flush at or after a time', () => {
    const grid = new FlushGrid(INTERVAL, start);
    for (const [time, first] of [
      [-25, 10],
      [9, 10],
      [10, 10],
      [11, 20],
      [20, 20],
      [21, 30],
      [1001, 1010],
    ] as const) {
      expect(grid.firstAfter(at(time))).toBe(at(first));
    }
  });
});
