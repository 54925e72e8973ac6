// Conversations that ended a short while ago. Their first packet may arrive again: late on the network, or because the peer, which our
// ack has not reached, repeats it. It looks like the beginning of a new conversation, and would make a ghost, or take the place of a living
// session. Its timestamp tells the difference: by the clock of the old conversation it was sent just now, or not long ago. A peer that
// restarts and uses the same id has another clock.

import { serialDiff, toClock } from '../core/kcp/serial.ts';

/** ms for which a datagram may be on its way. */
const WAY_MAX = 10_000;
/** ms by which a datagram may have been faster than the first of its conversation. */
const EARLY_MAX = 1000;
/** … or its peer's clock may have jumped, while the conversation ended; a restarted process has a clock that shows less. */
const JUMP_MAX = 3_600_000;
/** ms for which a conversation is remembered after its last repetition: longer than any peer waits between two attempts. */
const MEMORY_MS = 90_000;
/** More than this are not remembered. */
const MEMORY_MAX = 4096;

interface Ended {
  /** How far the peer's clock is ahead of this one, ms as an int32; undefined if it is not known. */
  readonly ahead: number | undefined;
  /** When the conversation ended, or its first packet came again. */
  readonly heardAt: number;
}

/** What a peer's timestamp says of its clock. */
export function clockAhead(ts: number, now: number): number {
  return serialDiff(ts, toClock(now));
}

/** Whether two timestamps, each compared with our clock when it came, are of one clock of a peer. */
export function isSameClock(ahead: number, before: number): boolean {
  return Math.abs(serialDiff(ahead, before)) < WAY_MAX;
}

export class RecentConversations {
  /** What was heard of longest ago comes first. */
  readonly #ended = new Map<string, Ended>();

  /** The conversation `conv` with `peer` (any text that names it) ended at `now`; for `ahead` see `clockAhead`. */
  add(peer: string, conv: number, now: number, ahead: number | undefined): void {
    for (const [oldest, { heardAt }] of this.#ended) {
      if (this.#ended.size < MEMORY_MAX && now - heardAt < MEMORY_MS) break;
      this.#ended.delete(oldest);
    }
    this.#keep(`${peer}|${conv}`, { ahead, heardAt: now });
  }

  /**
   * Whether a packet that would begin a conversation is one of a conversation that has ended.
   *
   * @param ahead what its timestamp says of the peer's clock; undefined when it has none.
   */
  has(peer: string, conv: number, now: number, ahead?: number): boolean {
    const key = `${peer}|${conv}`;
    const ended = this.#ended.get(key);
    if (ended === undefined) return false;
    if (ahead === undefined || ended.ahead === undefined) return now - ended.heardAt < WAY_MAX;
    const difference = serialDiff(ahead, ended.ahead);
    const quiet = now - ended.heardAt;
    if (quiet >= MEMORY_MS || difference <= -WAY_MAX) return false;
    if (difference > (quiet < WAY_MAX ? JUMP_MAX : EARLY_MAX)) return false;
    this.#keep(key, { ...ended, heardAt: now });
    return true;
  }

  /** Whether the conversation has ended here, and its peer may not know. */
  isRemembered(peer: string, conv: number, now: number): boolean {
    const ended = this.#ended.get(`${peer}|${conv}`);
    return ended !== undefined && now - ended.heardAt < MEMORY_MS;
  }

  #keep(key: string, ended: Ended): void {
    this.#ended.delete(key);
    this.#ended.set(key, ended);
  }
}
