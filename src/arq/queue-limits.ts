// How much may wait for the send window.

import type { ControlBlock } from '../core/kcp/control-block.ts';
import { SendQueueFullError } from '../errors.ts';

/** Caps on what waits, as set when the conversation is made. */
export interface QueueLimits {
  readonly sendQueueBytes: number;
  readonly sendQueueSegments: number;
}

/** @throws SendQueueFullError when a message of `length` bytes more would break a cap. */
export function checkQueue({ sending, tunables, mss }: ControlBlock, length: number, limits: QueueLimits): void {
  const waiting = sending.length - tunables.sendWindow;
  const waitingThen = waiting + Math.ceil(length / mss);
  if (waitingThen <= 0) return;
  // The first message to wait may be of any size, or a large one could never be sent; a stream can be cut anywhere.
  if (waiting <= 0 && !tunables.stream) return;
  if (waitingThen > limits.sendQueueSegments)
    throw new SendQueueFullError('sendQueueSegments', limits.sendQueueSegments);
  if (sending.unsentBytes + length > limits.sendQueueBytes) {
    throw new SendQueueFullError('sendQueueBytes', limits.sendQueueBytes);
  }
}
