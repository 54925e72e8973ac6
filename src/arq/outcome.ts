// How a conversation ended, and how subscribers learn of it.

import type { Subscriber } from 'rxjs';

export interface Outcome {
  readonly failed: boolean;
  readonly error?: unknown;
  /** Whether what is unread is given up. */
  readonly discards?: boolean;
}

export function conclude(subscriber: Subscriber<never> | undefined, { failed, error }: Outcome): void {
  if (failed) subscriber?.error(error);
  else subscriber?.complete();
}
