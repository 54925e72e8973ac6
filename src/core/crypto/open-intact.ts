// Opening what strangers may have sent.

import { lentMemory } from '../../bytes/lent-memory.ts';
import type { Cipher } from './cipher.ts';

/**
 * The packets of those `datagrams` that are intact, in memory that the caller lends on and then releases (`lentMemory`). If the cipher
 * throws, only the datagrams that it throws at are left out: whoever sends one must not end more than that.
 */
export function openIntact(cipher: Cipher, datagrams: readonly Uint8Array[]): readonly Uint8Array[] {
  try {
    return cipher.open(datagrams, lentMemory);
  } catch {
    return datagrams.flatMap((datagram) => {
      try {
        return cipher.open([datagram], lentMemory);
      } catch {
        return [];
      }
    });
  }
}
