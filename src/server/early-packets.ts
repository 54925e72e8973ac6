// Packets of conversations whose segment 0 is yet to come: kept for a moment, so that one lost or
// overtaken packet at the start does not cost the whole first window. Nothing is acknowledged, and
// no session exists, until then.

/** Packets kept for one stranger. */
const PACKETS_MAX = 32;
/**
 * ms after which its sender has surely sent a packet again. Older ones would only spoil its
 * round-trip time.
 */
const KEPT_MS = 100;

interface Stranger {
  readonly conv: number;
  readonly packets: { readonly packet: Uint8Array; readonly cameAt: number }[];
}

export class EarlyPackets {
  readonly #strangers = new Map<string, Stranger>();
  readonly #max: number;

  /** @param max strangers remembered at a time; a new one takes the place of the oldest. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Keeps a copy of `packet`: its memory may be the link's again soon. */
  add(peer: string, conv: number, packet: Uint8Array, now: number): void {
    let stranger = this.#strangers.get(peer);
    if (stranger === undefined || stranger.conv !== conv) {
      this.#strangers.delete(peer);
      const [oldest] = this.#strangers.keys();
      if (oldest !== undefined && this.#strangers.size >= this.#max) this.#strangers.delete(oldest);
      stranger = { conv, packets: [] };
      this.#strangers.set(peer, stranger);
    }
    if (stranger.packets.push({ packet: new Uint8Array(packet), cameAt: now }) > PACKETS_MAX) stranger.packets.shift();
  }

  /**
   * Keeps a copy of `parity` if data of its conversation is kept already. Parity alone begins
   * nothing.
   */
  addParity(peer: string, conv: number, parity: Uint8Array, now: number): void {
    if (this.#strangers.get(peer)?.conv === conv) this.add(peer, conv, parity, now);
  }

  /** What came early in this conversation, at most `maxAge` ms ago; it is forgotten here. */
  take(peer: string, conv: number, now: number, maxAge = KEPT_MS): Uint8Array[] {
    const stranger = this.#strangers.get(peer);
    if (stranger === undefined) return [];
    this.#strangers.delete(peer);
    if (stranger.conv !== conv) return [];
    return stranger.packets.filter(({ cameAt }) => now - cameAt <= maxAge).map(({ packet }) => packet);
  }
}
