// CoDel drops as RFC 8289 says: first when waits have been above the target for an interval, then ever faster.

import { describe, expect, test } from 'vitest';
import { CoDel } from '../../src/testing/bottleneck/codel.ts';
import type { Waiting } from '../../src/testing/bottleneck/queue.ts';

interface Numbered extends Waiting {
  readonly number: number;
}

/** A queue that one datagram of 1,000 bytes leaves each ms, and what it has dropped, when. */
function queueOf(options: { target?: number; interval?: number } = {}) {
  const drops: [number: number, at: number][] = [];
  const queue = new CoDel<Numbered>(1_000_000, options);
  let now = 0;
  let last = 0;
  return {
    drops,
    queue,
    /** Lets time pass. @param arriving datagrams that arrive in each ms. */
    run(until: number, arriving: number): void {
      for (; now < until; now++) {
        for (let i = 0; i < arriving; i++) {
          const number = last++;
          queue.enqueue({ number, size: 1000, enteredAt: 0, dropped: () => drops.push([number, now]) }, now);
        }
        queue.dequeue(now);
      }
    },
  };
}

const timesOf = (drops: readonly [number, number][]): number[] => drops.map(([, at]) => at);

describe('CoDel', () => {
  test('drops after an interval above the target, then after interval ÷ √count each', () => {
    const { drops, run } = queueOf();
    // Of two datagrams a ms one leaves: the wait grows by half a ms each ms, and is 5 ms after 10.
    run(350, 2);
    const spacings = [0, 100, 100 + 100 / Math.sqrt(2), 100 + 100 / Math.sqrt(2) + 100 / Math.sqrt(3)];
    const times = timesOf(drops);
    expect(times[0]).toBeGreaterThanOrEqual(105);
    expect(times[0]).toBeLessThanOrEqual(111);
    expect(times.slice(0, 4)).toEqual(spacings.map((after) => Math.ceil((times[0] as number) + after)));
  });

  test('drops from the head: the datagram that has waited longest', () => {
    const { drops, run } = queueOf();
    run(120, 2);
    const [[number, at] = [0, 0]] = drops;
    expect(at / 2).toBeGreaterThan(5);
    expect(number).toBeLessThan(2 * at - 80);
  });

  test('drops nothing while one wait in each interval is below the target', () => {
    const { drops, run } = queueOf();
    for (let from = 0; from < 2000; from += 90) {
      // 40 ms above what leaves, and 50 ms of rest.
      run(from + 40, 2);
      run(from + 90, 0);
    }
    expect(drops).toEqual([]);
  });

  test('goes on at the rate that was right, if it had to drop a moment ago', () => {
    const { drops, run, queue } = queueOf();
    run(500, 2);
    run(1000, 0);
    expect(queue.length).toBe(0);
    const before = drops.length;
    expect(before).toBeGreaterThan(5);
    run(1160, 2);
    const [first = 0, second = 0] = timesOf(drops).slice(before);
    expect(second - first).toBeLessThan(70);
  });

  test('has its target and its interval from its options, and its capacity as drop-tail has', () => {
    const { drops, run } = queueOf({ target: 50, interval: 20 });
    run(200, 2);
    expect(timesOf(drops)[0]).toBeGreaterThanOrEqual(117);
    expect(timesOf(drops)[0]).toBeLessThanOrEqual(123);
    const lost: number[] = [];
    const small = new CoDel<Numbered>(2000, {});
    for (const number of [0, 1, 2])
      small.enqueue({ number, size: 1000, enteredAt: 0, dropped: () => lost.push(number) }, 0);
    expect([lost, small.length, small.bytes]).toEqual([[2], 2, 2000]);
  });

  test('never drops the last datagram', () => {
    const dropped: number[] = [];
    const queue = new CoDel<Numbered>(1_000_000, {});
    for (let now = 0; now < 1000; now += 200) {
      queue.enqueue({ number: now, size: 1500, enteredAt: 0, dropped: () => dropped.push(now) }, now);
      expect(queue.dequeue(now + 150)?.number).toBe(now);
    }
    expect(dropped).toEqual([]);
  });
});
