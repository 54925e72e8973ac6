// How a conversation ended, and how subscribers learn of it.

import type { Subscriber } from 'rxjs';
import type { ControlBlock } from '../core/kcp/control-block.ts';
import { DeadLinkError, IdleTimeoutError, PeerRestartedError, type RxkcpError } from '../errors.ts';

export interface Outcome {
  readonly failed: boolean;
  readonly error?: unknown;
  /** Whether it failed on this side: not by the peer, the network or the clock. */
  readonly isOurs?: boolean;
  /** Whether what is unread is given up. */
  readonly discards?: boolean;
}

export function conclude(subscriber: Subscriber<never> | undefined, { failed, error }: Outcome): void {
  if (failed) subscriber?.error(error);
  else subscriber?.complete();
}

/** Why the conversation of `block` is over at `now`; undefined while it is not. */
export function failureOf(block: ControlBlock, now: number): RxkcpError | undefined {
  const { state, tunables } = block;
  const conv = block.conv >>> 0;
  if (state === 'dead') return new DeadLinkError(conv, block.deadLink(now));
  if (state === 'restarted') return new PeerRestartedError(conv);
  if (state === 'idle') return new IdleTimeoutError(conv, tunables.idleTimeout);
  return undefined;
}
