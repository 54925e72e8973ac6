// How packets are opened for the layer above, which has them for as long as it is called.

import { lentMemory } from '../../bytes/lent-memory.ts';
import type { Cipher } from './cipher.ts';

/**
 * Opens `datagrams`, and lends what is intact of them to `take`, if there is any.
 *
 * @param dropped called before, with the number of datagrams that are not intact, if there are any.
 */
export function lendOpened(
  cipher: Cipher,
  datagrams: readonly Uint8Array[],
  dropped: ((count: number) => void) | undefined,
  take: (packets: readonly Uint8Array[]) => void,
): void {
  const mark = lentMemory.offset;
  try {
    const packets = cipher.open(datagrams, lentMemory);
    if (packets.length < datagrams.length) dropped?.(datagrams.length - packets.length);
    if (packets.length > 0) take(packets);
  } finally {
    lentMemory.release(mark);
  }
}
