// What comes true in its own time: when a socket has closed, a datagram has arrived, a process has answered.

import { vi } from 'vitest';

/** ms after which it will not. A machine with much else to do takes seconds for what otherwise takes one ms. */
const PATIENCE = 30_000;

/** Resolves when `assertion` holds; rejects with what it last failed with. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, PATIENCE);
}
