// Bursts: what every layer takes and gives, and whose memory they are.

import { InvalidBurstError } from '../errors.ts';

/**
 * Datagrams, or packets, that one wake-up of a socket or one flush produced: in order, of one peer, rarely empty.
 *
 * **Incoming** (from a link up to the messages), bytes are lent for the duration of `next`: read them, never write to
 * them, and copy what you keep. **Outgoing** (from messages down to a link), bytes stay as they are for as long as
 * any code holds them, unless the link says that it sends in order: see `Link.sendsInOrder` and `Link.memory`.
 */
export type Burst = readonly Uint8Array[];

/** Bytes of all packets in `burst`. @throws InvalidBurstError for what is no burst, as far as that shows without a look at each type. */
export function bytesIn(burst: Burst): number {
  let bytes = 0;
  for (const { length } of burst) bytes += length;
  if (Number.isNaN(bytes)) throw new InvalidBurstError(burst);
  return bytes;
}

/** Bytes in front of each packet that `arq` emits for a layer that has asked for them: room for that layer's header. */
export const HEADROOM = 8;

/** Whether a layer that subscribes at the moment asks for headroom. */
let isAsked = false;

/**
 * Asks for headroom: the first `arq` that is subscribed to within `subscribe` leaves {@link HEADROOM} bytes of any content in front of
 * each of its packets. (Elsewhere packets lie side by side, which is cheaper to send.)
 */
export function askForHeadroom<T>(subscribe: () => T): T {
  const outer = isAsked;
  isAsked = true;
  try {
    return subscribe();
  } finally {
    isAsked = outer;
  }
}

/** Bytes of headroom that whoever subscribes to packets at the moment has asked for; the first to ask this answers the request. */
export function headroomAsked(): number {
  const headroom = isAsked ? HEADROOM : 0;
  isAsked = false;
  return headroom;
}

/** The burst with headroom that is emitted at the moment, while no layer has written to it. */
let offered: Burst | undefined;

/** Says that the {@link HEADROOM} bytes in front of each packet of `burst`, in the same buffer, belong to that packet alone. */
export function offerHeadroom<T extends Burst>(burst: T): T {
  offered = burst;
  return burst;
}

/**
 * Whether the caller may write to the headroom of the packets in `burst`. The first layer that asks within the call that emits them
 * gets it. To a second one, to one that asks later, and to one that asks for packets made by a layer in between, the answer is no.
 */
export function claimHeadroom(burst: Burst): boolean {
  if (burst !== offered) return false;
  offered = undefined;
  return true;
}
