// The arithmetic of the congestion window at its edges. What it does to a conversation: spec/marbles, and the twins.

import { expect, test } from 'vitest';
import { CongestionWindow } from '../../../src/core/kcp/congestion.ts';

const MSS = 1000;

/** A window that has grown to `segments`, ssthresh 2. */
function grownTo(segments: number): CongestionWindow {
  const window = new CongestionWindow(MSS);
  while (window.cwnd < segments) window.acknowledged(segments, MSS);
  return window;
}

test('the window saves up nothing while it is as large as the peer’s', () => {
  const [waiting, fresh] = [grownTo(4), grownTo(4)];
  for (let i = 0; i < 100; i++) waiting.acknowledged(4, MSS);
  expect(waiting).toEqual(fresh);
  for (const window of [waiting, fresh]) window.acknowledged(10, MSS);
  expect(waiting).toEqual(fresh);
});
