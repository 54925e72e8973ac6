// Bursts: what every layer takes and gives, and whose memory they are.

/**
 * Datagrams, or packets, that one wake-up of a socket or one flush produced: in order, of one peer, rarely empty.
 *
 * **Incoming** (from a link up to the messages), bytes are lent for the duration of `next`: read them, never write to
 * them, and copy what you keep. **Outgoing** (from messages down to a link), bytes stay as they are for as long as
 * anybody holds them, unless the link says that it sends in order: see `Link.sendsInOrder` and `Link.memory`.
 */
export type Burst = readonly Uint8Array[];

/** Bytes in front of each packet that `arq` emits, of any content: room for the header of the layer below, `fecEncode`. */
export const HEADROOM = 8;

/** The mark of a burst whose packets have headroom that no layer has written to yet. */
const headroom = Symbol('headroom');

/** Marks `burst`: the {@link HEADROOM} bytes in front of each of its packets, in the same buffer, belong to that packet. */
export function offerHeadroom(burst: Uint8Array[]): Uint8Array[] {
  (burst as { [headroom]?: boolean })[headroom] = true;
  return burst;
}

/**
 * Whether the caller may write to the headroom of the packets in `burst`. The first layer that asks gets it: to a second
 * one, and to anyone who asks for packets that a layer in between has made, the answer is no.
 */
export function claimHeadroom(burst: Burst): boolean {
  const marked = burst as { [headroom]?: boolean };
  if (marked[headroom] !== true) return false;
  marked[headroom] = false;
  return true;
}
