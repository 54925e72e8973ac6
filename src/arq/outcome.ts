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

/** How the conversation of `block` is over at `now` by what the peer or the network did, or did not; undefined while it is not. */
export function outcomeOf(block: ControlBlock, now: number): Outcome | undefined {
  const { state, tunables, farewell } = block;
  if (state === 'open') return undefined;
  const conv = block.conv >>> 0;
  let error: RxkcpError | undefined;
  if (state === 'dead') error = new DeadLinkError(conv, block.deadLink(now));
  else if (state === 'restarted') error = new PeerRestartedError(conv);
  else if (state === 'idle') error = new IdleTimeoutError(conv, tunables.idleTimeout);
  else error = farewell?.failure(conv);
  return { failed: error !== undefined, error };
}
