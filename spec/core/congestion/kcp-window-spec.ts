// The arithmetic of kcp-go's congestion window at its edges. What it does to a conversation: spec/marbles, and the twins.

import { expect, test } from 'vitest';
import type { CongestionControl } from '../../../src/core/congestion/congestion-control.ts';
import { kcpWindow } from '../../../src/core/congestion/kcp-window.ts';
import { SEGMENT_HEADER } from '../../../src/core/kcp/segment.ts';
import { SendBuffer } from '../../../src/core/kcp/send-buffer.ts';

const SETTINGS = { mtu: 1000 + SEGMENT_HEADER, resend: 2, sendWindow: 128 };

/** A window that has grown to `segments`, ssthresh 2. */
function grownTo(segments: number): CongestionControl {
  const window = kcpWindow.control(new SendBuffer(1, 0, false), SETTINGS, 0);
  while (window.cwnd < segments) window.acknowledged(segments, true);
  return window;
}

test('the window saves up nothing while it is as large as the peer’s', () => {
  const [waiting, fresh] = [grownTo(4), grownTo(4)];
  for (let i = 0; i < 100; i++) waiting.acknowledged(4, true);
  const growth = [waiting, fresh].map((window) => {
    let acks = 0;
    for (; window.cwnd < 6; acks++) window.acknowledged(10, true);
    return acks;
  });
  expect(growth[0]).toBe(growth[1]);
});
