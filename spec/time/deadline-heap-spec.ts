import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Deadlined, DeadlineHeap } from '../../src/time/deadline-heap.ts';

test('a heap gives what a sorted list gives, whatever joins and leaves', () => {
  const step = fc.record({ add: fc.boolean(), due: fc.integer({ min: 0, max: 20 }), which: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const heap = new DeadlineHeap<Deadlined>((a, b) => a < b);
      const list: Deadlined[] = [];
      for (const { add, due, which } of steps) {
        if (add || list.length === 0) {
          const item = { due, place: -1 };
          list.push(item);
          heap.add(item);
        } else {
          const [item] = list.splice(which % list.length, 1) as [Deadlined];
          heap.remove(item);
          heap.remove(item);
          expect(item.place).toBe(-1);
        }
        expect(list.every(({ place }) => place >= 0 && place < list.length)).toBe(true);
        const earliest = list.length === 0 ? undefined : Math.min(...list.map((item) => item.due));
        expect(heap.peek()?.due).toBe(earliest);
      }
    }),
    { numRuns: 500 },
  );
});
