// How the estimate of the round-trip time deals with many samples; its arithmetic is the twins' affair (spec/property, spec/interop).

import { describe, expect, test } from 'vitest';
import { RttEstimator } from '../../../src/core/kcp/rtt.ts';

const INTERVAL = 10;

/** An estimator that has had `rounds` round trips of 60 ms, each with `fast` samples of 20 ms and as many of 60. */
function twoSpeeds(rounds: number, fast: number): RttEstimator {
  const rtt = new RttEstimator();
  for (let round = 0; round < rounds; round++) {
    for (const [delay, from] of [[60, 0] as const, [20, 30] as const]) {
      for (let i = 0; i < fast; i++)
        rtt.sample(delay, INTERVAL, 1000 + 60 * round + from + Math.floor((30 * i) / fast));
    }
  }
  return rtt;
}

describe('the timeout of a bulk transfer', () => {
  test('knows at the end of a round trip what it was like at the beginning', () => {
    expect(twoSpeeds(10, 30).rto).toBeGreaterThan(60);
  });

  test('is the same, however many samples say the same', () => {
    const few = twoSpeeds(10, 10).rto;
    const many = twoSpeeds(10, 50).rto;
    expect(Math.abs(many - few)).toBeLessThan(few / 10);
  });

  test('follows a network that has become slow within some round trips', () => {
    const rtt = twoSpeeds(10, 30);
    for (let i = 0; i < 300; i++) rtt.sample(200, INTERVAL, 2000 + 7 * i);
    expect(rtt.rto).toBeGreaterThan(200);
    expect(rtt.srtt).toBeGreaterThan(100);
  });

  test('is not long for long after a pause, however much comes at its end', () => {
    const rtt = new RttEstimator();
    let now = 0;
    for (let i = 0; i < 3000; i++) rtt.sample(20, INTERVAL, ++now);
    now += 5000;
    for (let i = 0; i < 512; i++) rtt.sample(5000 - 10 * i, INTERVAL, now);
    expect(rtt.rto).toBeLessThan(1000);
    for (let i = 0; i < 500; i++) rtt.sample(20, INTERVAL, ++now);
    expect(rtt.rto).toBeLessThan(200);
  });

  test.each([
    ['a wild sample', (rtt: RttEstimator, now: number) => rtt.sample(0x7fff_ffff, INTERVAL, now)],
    ['a silence of 25 days', () => {}],
  ])('gets over %s', (_, disturb) => {
    const rtt = new RttEstimator();
    let now = 1000;
    // So many that the mean of all samples, old and new, would be far from the new ones.
    for (let i = 0; i < 3000; i++) rtt.sample(20, INTERVAL, ++now);
    disturb(rtt, ++now);
    now = (now + 2 ** 31 + 1000) | 0;
    for (let i = 0; i < 3000; i++) rtt.sample(300, INTERVAL, (now + i) | 0);
    expect(rtt.srtt).toBeGreaterThan(270);
    expect(rtt.srtt).toBeLessThan(600);
    expect(rtt.rto).toBeLessThan(1000);
  });

  test('does not depend on where on the clock it began', () => {
    const rto = (start: number): number => {
      const rtt = new RttEstimator();
      for (let i = 0; i < 100; i++) rtt.sample(20 + (i % 7), INTERVAL, (start + 3 * i) | 0);
      return rtt.rto;
    };
    expect(rto(0x7fff_ffff - 100)).toBe(rto(0));
    expect(rto(-100)).toBe(rto(0));
  });
});
