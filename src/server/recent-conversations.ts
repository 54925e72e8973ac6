// Conversations that ended a short while ago. A duplicate of their first packet, late on the network, looks like
// the beginning of a new one: without this memory it would make a ghost, or take the place of a living session.

/** ms for which a duplicate may still be on its way. */
const MEMORY_MS = 10_000;
/** More than this are not remembered. */
const MEMORY_MAX = 4096;

export class RecentConversations {
  /** When each ended, oldest first. */
  readonly #ended = new Map<string, number>();

  /** The conversation `conv` with `peer` (any text that names it) ended at `now`. */
  add(peer: string, conv: number, now: number): void {
    for (const [oldest, endedAt] of this.#ended) {
      if (this.#ended.size < MEMORY_MAX && now - endedAt < MEMORY_MS) break;
      this.#ended.delete(oldest);
    }
    this.#ended.set(`${peer}|${conv}`, now);
  }

  has(peer: string, conv: number, now: number): boolean {
    const endedAt = this.#ended.get(`${peer}|${conv}`);
    return endedAt !== undefined && now - endedAt < MEMORY_MS;
  }
}
