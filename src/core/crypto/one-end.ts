// An AEAD for one end of conversations: it opens nothing twice, and nothing that it has sealed itself. (RFC 4303, section 3.4.3, has a window of
// sequence numbers for that. kcp-go's nonces are random, so they have to be kept.)

import type { PacketMemory } from '../../bytes/slab.ts';
import { type OptionNames, requireInteger } from '../../check.ts';
import type { Cipher } from './cipher.ts';
import { NONCE_BYTES_KEPT, NonceMemory } from './nonce-memory.ts';

/** How much is remembered against replays. */
export interface NonceMemoryOptions {
  /**
   * Datagrams, sealed or opened, that a server remembers, so that none of them opens again, 0 … 16777216: that many at least, twice as many at
   * most, in up to 32 bytes each. A session of `connect` remembers a sixteenth of that. 0: none. Default 131072 (a server's memory takes 8 MiB
   * when it is full, a session's 512 KiB).
   */
  readonly nonceMemory?: number;
}

export const NONCE_MEMORY_NAMES: OptionNames<NonceMemoryOptions> = { nonceMemory: true };

const DEFAULT = 131_072;
/** What an end that is no server remembers of that: it has one peer. */
const SHARE_OF_ONE = 1 / 16;

/** `cipher`, whose datagrams begin with a nonce of `nonceBytes`, with `forOneEnd`. */
export function withForOneEnd(cipher: Cipher, nonceBytes: number, options: NonceMemoryOptions): Cipher {
  const { nonceMemory = DEFAULT } = options;
  requireInteger('nonceMemory', nonceMemory, 0, 2 ** 24);
  const remembers = nonceMemory > 0 && nonceBytes >= NONCE_BYTES_KEPT;
  const forOneEnd = (isServer = false): Cipher => {
    return remembers ? new OneEnd(cipher, Math.ceil(isServer ? nonceMemory : nonceMemory * SHARE_OF_ONE)) : cipher;
  };
  return Object.assign(cipher, { forOneEnd });
}

class OneEnd implements Cipher {
  readonly name: string;
  readonly overhead: number;
  readonly #cipher: Cipher;
  readonly #nonces: NonceMemory;

  constructor(cipher: Cipher, max: number) {
    this.name = cipher.name;
    this.overhead = cipher.overhead;
    this.#cipher = cipher;
    this.#nonces = new NonceMemory(max);
  }

  seal(packets: readonly Uint8Array[], memory?: PacketMemory): Uint8Array[] {
    const datagrams = this.#cipher.seal(packets, memory);
    for (const datagram of datagrams) this.#nonces.add(datagram);
    return datagrams;
  }

  open(datagrams: readonly Uint8Array[], memory?: PacketMemory): Uint8Array[] {
    const packets = this.#cipher.open(datagrams, memory);
    if (packets.length === datagrams.length) {
      return packets.filter((_, i) => this.#nonces.add(datagrams[i] as Uint8Array));
    }
    if (packets.length === 0) return packets;
    // Only what has opened is remembered: else whoever makes up datagrams would have others forgotten.
    return datagrams.flatMap((datagram) => {
      const opened = this.#cipher.open([datagram], memory);
      return opened.length > 0 && this.#nonces.add(datagram) ? opened : [];
    });
  }
}
