// How a burst passes through the kernel's memory: copied in, sealed or opened there, copied out to the given memory. And what
// the kernel does for kcp-go's plain ciphers, those with the 20-byte header (packet-cipher.ts).

import { freshBytes } from '#memory';
import { type PacketMemory, Slab } from '../../bytes/slab.ts';
import type { Kernel } from '../../wasm/kernel.ts';
import { DATAGRAMS_AT, DATAGRAMS_BYTES, MAX_DATAGRAMS, NONCES_AT, room } from '../../wasm/layout.ts';
import type { Cipher } from './cipher.ts';
import type { EntropyPool } from './entropy.ts';
import { HEADER_BYTES, NONCE_BYTES } from './packet-cipher.ts';
import { opened, sealed } from './slabs.ts';

/** Memory of at least a burst's bytes that is not shared, for the result; undefined if none is at hand. */
export type SpareMemory = Uint8Array<ArrayBuffer> | undefined;

/** Encrypts and decrypts the `count` datagrams that lie in the kernel's memory from DATAGRAMS_AT to `end`, in place. */
export interface KernelTransform {
  encrypt(count: number, end: number): SpareMemory;
  decrypt(count: number, end: number): SpareMemory;
}

/** How packets become datagrams in the kernel's memory, `count` of them, from DATAGRAMS_AT to `end`. */
export interface KernelFormat {
  /** Bytes by which a datagram is longer than its packet. */
  readonly overhead: number;
  /** Bytes of a datagram in front of its packet. */
  readonly packetAt: number;
  readonly nonceBytes: number;
  /** The packets are in their places, the nonces one behind the other at NONCES_AT. */
  seal(count: number, end: number): SpareMemory;
  /** Negates the lengths of datagrams that are not intact. */
  open(count: number, end: number): SpareMemory;
}

/** Nonce, checksum, and `transform` over all. */
export function plainFormat(kernel: Kernel, transform: KernelTransform): KernelFormat {
  return {
    overhead: HEADER_BYTES,
    packetAt: HEADER_BYTES,
    nonceBytes: NONCE_BYTES,
    seal(count, end) {
      kernel.stamp(count);
      return transform.encrypt(count, end);
    },
    open(count, end) {
      const memory = transform.decrypt(count, end);
      kernel.verify(count);
      return memory;
    },
  };
}

/** Longer bursts get their own memory: they would leave much of a slab unused. */
const LARGE_BURST = 16_384;

export class KernelCipher implements Cipher {
  readonly name: string;
  readonly overhead: number;
  readonly #kernel: Kernel;
  readonly #format: KernelFormat;
  readonly #entropy: EntropyPool;

  constructor(name: string, kernel: Kernel, format: KernelFormat, entropy: EntropyPool) {
    this.name = name;
    this.overhead = format.overhead;
    this.#kernel = kernel;
    this.#format = format;
    this.#entropy = entropy;
  }

  /** @throws RangeError when a packet is longer than about 131 000 bytes: twice what UDP can carry. */
  seal(packets: readonly Uint8Array[], target: PacketMemory = sealed): Uint8Array[] {
    const { bytes, lengths } = this.#kernel;
    const { overhead, packetAt, nonceBytes } = this.#format;
    const datagrams: Uint8Array[] = [];
    for (let first = 0; first < packets.length; ) {
      let at = DATAGRAMS_AT;
      let count = 0;
      for (; count < MAX_DATAGRAMS && first + count < packets.length; count++) {
        const packet = packets[first + count]!;
        const length = overhead + packet.length;
        if (at + room(length) > DATAGRAMS_AT + DATAGRAMS_BYTES) break;
        bytes.set(packet, at + packetAt);
        lengths[count] = length;
        at += room(length);
      }
      if (count === 0) throw new RangeError(`a packet of ${packets[first]!.length} bytes fits no datagram`);
      this.#entropy.fillEach(bytes, NONCES_AT, nonceBytes, count);
      const memory = this.#format.seal(count, at);
      this.#copyOut(count, at, memory, target, 0, 0, datagrams);
      first += count;
    }
    return datagrams;
  }

  open(datagrams: readonly Uint8Array[], target: PacketMemory = opened): Uint8Array[] {
    const { bytes, lengths } = this.#kernel;
    const { overhead, packetAt } = this.#format;
    const packets: Uint8Array[] = [];
    for (let next = 0; next < datagrams.length; ) {
      let at = DATAGRAMS_AT;
      let count = 0;
      for (; count < MAX_DATAGRAMS && next < datagrams.length; next++) {
        const datagram = datagrams[next]!;
        const { length } = datagram;
        if (length < overhead || length > DATAGRAMS_BYTES) continue;
        if (at + room(length) > DATAGRAMS_AT + DATAGRAMS_BYTES) break;
        bytes.set(datagram, at);
        lengths[count++] = length;
        at += room(length);
      }
      if (count === 0) continue;
      const memory = this.#format.open(count, at);
      this.#copyOut(count, at, memory, target, packetAt, overhead, packets);
    }
    return packets;
  }

  /**
   * The datagrams from byte `skip` on, less `omit` bytes, in `memory` or else the slab's; without those of negative length.
   */
  #copyOut(
    count: number,
    end: number,
    memory: SpareMemory,
    slab: PacketMemory,
    skip: number,
    omit: number,
    out: Uint8Array[],
  ): void {
    const { bytes, lengths } = this.#kernel;
    let intact = 0;
    for (let i = 0; i < count; i++) if (lengths[i]! >= 0) intact++;
    // Rubbish takes no memory.
    if (intact === 0) return;
    const size = end - DATAGRAMS_AT;
    let target = slab instanceof Slab ? memory : undefined;
    let place = 0;
    if (target === undefined && size > LARGE_BURST && slab instanceof Slab) target = freshBytes(size);
    if (target === undefined) {
      slab.reserve(size);
      target = slab.bytes;
      place = slab.offset;
      slab.offset += size;
    }
    // One copy takes all.
    target.set(bytes.subarray(DATAGRAMS_AT, end), place);
    place += target.byteOffset;
    for (let i = 0; i < count; i++) {
      const length = lengths[i]!;
      if (length >= 0) out.push(new Uint8Array(target.buffer, place + skip, length - omit));
      place += room(Math.abs(length));
    }
  }
}
