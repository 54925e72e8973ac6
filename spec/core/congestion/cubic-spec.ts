// CUBIC by itself: RFC 9438 by its numbers. Beside TCP: spec/congestion.

import { describe, expect, test } from 'vitest';
import type { Acked, Controller } from '../../../src/core/congestion/controller.ts';
import { cubic, cubicFrom } from '../../../src/core/congestion/cubic.ts';
import { WindowedMin } from '../../../src/core/congestion/windowed.ts';

const MTU = 1000;
const START = { now: 0, mtu: MTU };
const acked = (given: Partial<Acked>): Acked => ({
  now: 0,
  bytes: MTU,
  inFlight: 1e9,
  rtt: 100,
  held: 0,
  rate: undefined,
  isAppLimited: false,
  isRoundOver: false,
  ...given,
});

/** A round trip from `now` on, in which the whole window is acknowledged. */
function round(controller: Controller, now: number, rtt = 100): void {
  const count = Math.floor(controller.window / MTU);
  for (let i = 0; i < count; i++)
    controller.onAcked(acked({ now: now + (i * rtt) / count, rtt, isRoundOver: i === 0 }));
}

describe('cubic', () => {
  test('doubles its window each round trip, ten datagrams at first', () => {
    const controller = cubic(START);
    expect(controller.window).toBe(10 * MTU);
    for (const expected of [20, 40, 80]) {
      round(controller, 0);
      expect(controller.window).toBe(expected * MTU);
    }
  });

  test('ends that when the round trip gets longer, before anything is lost', () => {
    const controller = cubic(START);
    round(controller, 0);
    round(controller, 100);
    round(controller, 200, 130);
    const { window } = controller;
    round(controller, 300, 130);
    expect(controller.window).toBeLessThan(1.3 * window);
  });

  test('leaves 0.7 of the window after a loss, once for all that had left before', () => {
    const controller = cubicFrom(START, 100 * MTU);
    controller.onLost({ now: 1000, bytes: MTU, inFlight: 100 * MTU, isTimeout: false, sentAt: 900 });
    controller.onLost({ now: 1010, bytes: MTU, inFlight: 100 * MTU, isTimeout: false, sentAt: 990 });
    expect(controller.window).toBeCloseTo(70 * MTU, 0);
    controller.onLost({ now: 1200, bytes: MTU, inFlight: 70 * MTU, isTimeout: false, sentAt: 1100 });
    expect(controller.window).toBeCloseTo(49 * MTU, 0);
  });

  test('is back where it was after K = ∛(W × 0.3 ÷ 0.4) seconds, and lingers there', () => {
    const controller = cubicFrom(START, 400 * MTU);
    controller.onLost({ now: 0, bytes: MTU, inFlight: 400 * MTU, isTimeout: false, sentAt: -50 });
    const k = Math.cbrt((400 * 0.3) / 0.4);
    let now = 0;
    for (; now < k * 1000 - 300; now += 100) round(controller, now);
    expect(controller.window / MTU).toBeGreaterThan(390);
    expect(controller.window / MTU).toBeLessThan(402);
    for (; now < k * 1000 + 3000; now += 100) round(controller, now);
    expect(controller.window / MTU).toBeGreaterThan(405);
  });

  test('takes back what it did because of a loss that was none', () => {
    const controller = cubicFrom(START, 100 * MTU);
    controller.onLost({ now: 1000, bytes: 2 * MTU, inFlight: 100 * MTU, isTimeout: true, sentAt: 900 });
    controller.onSpurious?.({ now: 1010, bytes: MTU });
    expect(controller.window).toBeLessThan(100 * MTU);
    controller.onSpurious?.({ now: 1010, bytes: MTU });
    expect(controller.window).toBe(100 * MTU);
  });

  test('does not grow while the application sends less', () => {
    const controller = cubic(START);
    for (let i = 0; i < 1000; i++) controller.onAcked(acked({ now: i, isAppLimited: true, inFlight: 0 }));
    expect(controller.window).toBe(10 * MTU);
  });
});

test('WindowedMin is the least of what a naive twin has kept', () => {
  const min = new WindowedMin(50);
  const all: { at: number; value: number }[] = [];
  let seed = 1;
  for (let at = 0; at < 2000; at += seed % 17) {
    seed = (seed * 48_271) % 0x7fff_ffff;
    const value = seed % 1000;
    min.add(at, value);
    all.push({ at, value });
    expect(min.value).toBe(Math.min(...all.filter((each) => each.at >= at - 50).map((each) => each.value)));
  }
});
