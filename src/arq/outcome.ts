// How a conversation ended, and how subscribers learn of it.

import type { Subscriber } from 'rxjs';
import type { ControlBlock } from '../core/kcp/control-block.ts';
import { DeadLinkError, IdleTimeoutError, PeerRestartedError, type RxkcpError } from '../errors.ts';

/**
 * - `open`: messages are taken.
 * - `draining`: their source has completed; what was taken is not all acknowledged, or the peer is to finish, too.
 * - `lingering`: the peer is told that this end leaves; late duplicates of its data still get their acks, for a while.
 * - `ended`: nothing is sent or taken in any more; what is unread may still be read.
 */
export type State = 'open' | 'draining' | 'lingering' | 'ended';

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
  return state === 'left' ? block.farewell?.failure(conv) : undefined;
}
