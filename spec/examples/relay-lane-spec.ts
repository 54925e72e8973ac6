import { describe, expect, it } from 'vitest';
import { Lane } from '../../examples/relay/lane.ts';

const NETWORK = { loss: 0.2, lossBurst: 0, delay: 25, jitter: 5, reorder: 0, duplicate: 0 };

/** Share lost of 100,000 datagrams, and how many were lost in a row on average. */
function losses(lossBurst: number): { share: number; burst: number } {
  const counts = { datagrams: 0, bytes: 0, lost: 0, duplicated: 0, reordered: 0 };
  const lane = new Lane(7, 0, 0);
  let bursts = 0;
  let isLosing = false;
  for (let now = 0; now < 100_000; now++) {
    const lost = lane.fateOf(64, now, { ...NETWORK, lossBurst }, counts).copies === 0;
    if (lost && !isLosing) bursts++;
    isLosing = lost;
  }
  return { share: counts.lost / counts.datagrams, burst: counts.lost / bursts };
}

describe("the relay's losses", () => {
  it('come each by itself', () => {
    const { share, burst } = losses(0);
    expect(share).toBeCloseTo(0.2, 2);
    expect(burst).toBeCloseTo(1 / 0.8, 1);
  });

  it.each([1, 3, 10])('come %i in a row on average, as many of them', (lossBurst) => {
    const { share, burst } = losses(lossBurst);
    expect(share).toBeCloseTo(0.2, 1);
    expect(burst / lossBurst).toBeCloseTo(1, 1);
  });
});
