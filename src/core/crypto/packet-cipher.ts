// kcp-go's datagram for ciphers that cannot tell a forgery: `nonce(16) crc32(4) packet…`, all of it transformed. The CRC-32
// is of the packet, little-endian. The nonce is never looked at again: it makes the first block, and by it the rest, different.

import { readInt32, viewOf, writeInt32 } from '../../bytes/int.ts';
import type { PacketMemory } from '../../bytes/slab.ts';
import type { Cipher } from './cipher.ts';
import { type Crc32, crc32 } from './crc32.ts';
import type { EntropyPool } from './entropy.ts';
import { opened, sealed } from './slabs.ts';

/** Bytes of the nonce. */
export const NONCE_BYTES = 16;
/** Bytes in front of the packet. */
export const HEADER_BYTES = NONCE_BYTES + 4;

/** What turns a whole datagram into another of the same length, and back. */
export interface PacketTransform {
  /** In place. */
  encrypt(datagram: Uint8Array): void;
  /** From `source` to `target`, which is as long and lies elsewhere. */
  decrypt(source: Uint8Array, target: Uint8Array): void;
}

/** What a {@link PacketCipher} is made of. */
export interface PacketCipherParts {
  readonly name: string;
  readonly transform: PacketTransform;
  /** Where the nonces come from. */
  readonly entropy: EntropyPool;
  /** A faster CRC-32 than {@link crc32}. */
  readonly crc32?: Crc32;
}

/** Nonce, checksum and a transform. */
export class PacketCipher implements Cipher {
  readonly name: string;
  readonly overhead = HEADER_BYTES;
  readonly #transform: PacketTransform;
  readonly #entropy: EntropyPool;
  readonly #crc32: Crc32;

  constructor(parts: PacketCipherParts) {
    this.name = parts.name;
    this.#transform = parts.transform;
    this.#entropy = parts.entropy;
    this.#crc32 = parts.crc32 ?? crc32;
  }

  seal(packets: readonly Uint8Array[]): Uint8Array[] {
    return packets.map((packet) => {
      const length = HEADER_BYTES + packet.length;
      sealed.reserve(length);
      const datagram = sealed.take(length);
      this.#entropy.fill(datagram, NONCE_BYTES);
      writeInt32(datagram, NONCE_BYTES, this.#crc32(packet));
      datagram.set(packet, HEADER_BYTES);
      this.#transform.encrypt(datagram);
      return datagram;
    });
  }

  open(datagrams: readonly Uint8Array[], memory: PacketMemory = opened): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (const datagram of datagrams) {
      const length = datagram.length;
      if (length < HEADER_BYTES) continue;
      memory.reserve(length);
      const plain = viewOf(memory.bytes, memory.offset, length);
      this.#transform.decrypt(datagram, plain);
      const packet = viewOf(plain, HEADER_BYTES, length - HEADER_BYTES);
      // Garbage takes no memory.
      if (readInt32(plain, NONCE_BYTES) >>> 0 !== this.#crc32(packet)) continue;
      memory.offset += length;
      packets.push(packet);
    }
    return packets;
  }
}
