// kcp-go's datagram for AEADs: `nonce ciphertext tag`, no CRC-32, no additional data (kcp-go crypt.go, aeadCrypt).

import { checkOptions } from '../../check.ts';
import type { Cipher } from './cipher.ts';
import { type EntropyPool, entropyFrom } from './entropy.ts';
import { withForOneEnd } from './one-end.ts';
import { AEAD_NAMES, type AeadOptions, withSealLimit } from './seal-limit.ts';

/** An AEAD with its key. Both functions leave their arguments alone and give fresh memory. */
export interface Aead {
  /** What it is called. */
  readonly name: string;
  /** Bytes of its nonce, 1 to 4096. A random one is drawn per packet: 24 bytes are safe without a limit, 12 bytes for 2^32 packets. */
  readonly nonceBytes: number;
  /** Bytes by which `seal` makes a packet longer. */
  readonly tagBytes: number;
  /** Ciphertext and tag. */
  seal(nonce: Uint8Array, packet: Uint8Array): Uint8Array;
  /** The packet; undefined, or an exception, when the tag is wrong. Never asked for less than a tag. */
  open(nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/**
 * A cipher of any AEAD, compatible with kcp-go's `NewAEADCrypt` of the same.
 *
 * @example
 * const cipher = aeadCipher({
 *   name: 'xchacha20-poly1305',
 *   nonceBytes: 24,
 *   tagBytes: 16,
 *   seal: (nonce, packet) => xchacha20poly1305(key, nonce).encrypt(packet),
 *   open: (nonce, sealed) => xchacha20poly1305(key, nonce).decrypt(sealed),
 * });
 */
export function aeadCipher(aead: Aead, options: AeadOptions = {}): Cipher {
  checkOptions(options, AEAD_NAMES);
  return withForOneEnd(
    withSealLimit(new AeadCipher(aead, entropyFrom(options.random)), options),
    aead.nonceBytes,
    options,
  );
}

/** The datagrams of an {@link Aead}. */
export class AeadCipher implements Cipher {
  readonly name: string;
  readonly overhead: number;
  readonly #aead: Aead;
  readonly #entropy: EntropyPool;

  constructor(aead: Aead, entropy: EntropyPool) {
    this.name = aead.name;
    this.overhead = aead.nonceBytes + aead.tagBytes;
    this.#aead = aead;
    this.#entropy = entropy;
  }

  seal(packets: readonly Uint8Array[]): Uint8Array[] {
    const { nonceBytes } = this.#aead;
    return packets.map((packet) => {
      const datagram = new Uint8Array(packet.length + this.overhead);
      this.#entropy.fill(datagram, nonceBytes);
      datagram.set(this.#aead.seal(datagram.subarray(0, nonceBytes), packet), nonceBytes);
      return datagram;
    });
  }

  open(datagrams: readonly Uint8Array[]): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (const datagram of datagrams) {
      if (datagram.length < this.overhead) continue;
      const packet = this.#openOne(datagram);
      if (packet !== undefined) packets.push(packet);
    }
    return packets;
  }

  #openOne(datagram: Uint8Array): Uint8Array | undefined {
    const { nonceBytes } = this.#aead;
    try {
      return this.#aead.open(datagram.subarray(0, nonceBytes), datagram.subarray(nonceBytes));
    } catch {
      return undefined;
    }
  }
}
