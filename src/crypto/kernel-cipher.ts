// The 20-byte header of kcp-go's plain ciphers (wire.md, section 1) and the way of a burst through the kernel's memory:
// copied in, stamped and encrypted there, copied out into packet slabs; and the reverse.

import { Slab } from '../kcp/slab.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { DATAGRAMS_AT, DATAGRAMS_BYTES, MAX_DATAGRAMS, NONCES_AT, room } from '../kernel/layout.ts';
import type { Cipher } from './cipher.ts';
import type { EntropyPool } from './entropy.ts';
import { HEADER_BYTES, NONCE_BYTES } from './packet-cipher.ts';

/**
 * Encrypts and decrypts the `count` datagrams that lie in the kernel's memory from DATAGRAMS_AT to `end`, in place. What it
 * returns, if anything, is memory of at least that many bytes that nobody else has: the datagrams are copied there.
 */
export interface KernelTransform {
  encrypt(count: number, end: number): Uint8Array<ArrayBuffer> | undefined;
  decrypt(count: number, end: number): Uint8Array<ArrayBuffer> | undefined;
}

/** Bursts of more bytes have memory of their own: they would leave much of a slab unused. */
const LARGE_BURST = 16_384;

// Sealed datagrams live until they are sent, opened ones perhaps for long: not in the same slab.
const sealed = new Slab();
const opened = new Slab();

export class KernelCipher implements Cipher {
  readonly name: string;
  readonly overhead = HEADER_BYTES;
  readonly #kernel: Kernel;
  readonly #transform: KernelTransform;
  readonly #entropy: EntropyPool;

  constructor(name: string, kernel: Kernel, transform: KernelTransform, entropy: EntropyPool) {
    this.name = name;
    this.#kernel = kernel;
    this.#transform = transform;
    this.#entropy = entropy;
  }

  /** @throws RangeError when a packet is longer than 131 052 bytes: twice what UDP can carry. */
  seal(packets: readonly Uint8Array[]): Uint8Array[] {
    const { bytes, lengths } = this.#kernel;
    const datagrams: Uint8Array[] = [];
    for (let first = 0; first < packets.length; ) {
      let at = DATAGRAMS_AT;
      let count = 0;
      for (; count < MAX_DATAGRAMS && first + count < packets.length; count++) {
        const packet = packets[first + count]!;
        const length = HEADER_BYTES + packet.length;
        if (at + room(length) > DATAGRAMS_AT + DATAGRAMS_BYTES) break;
        bytes.set(packet, at + HEADER_BYTES);
        lengths[count] = length;
        at += room(length);
      }
      if (count === 0) throw new RangeError(`a packet of ${packets[first]!.length} bytes fits no datagram`);
      this.#entropy.fillEach(bytes, NONCES_AT, NONCE_BYTES, count);
      this.#kernel.stamp(count);
      const memory = this.#transform.encrypt(count, at);
      this.#copyOut(count, at, memory, sealed, 0, datagrams);
      first += count;
    }
    return datagrams;
  }

  open(datagrams: readonly Uint8Array[]): Uint8Array[] {
    const { bytes, lengths } = this.#kernel;
    const packets: Uint8Array[] = [];
    for (let next = 0; next < datagrams.length; ) {
      let at = DATAGRAMS_AT;
      let count = 0;
      for (; count < MAX_DATAGRAMS && next < datagrams.length; next++) {
        const datagram = datagrams[next]!;
        const { length } = datagram;
        if (length < HEADER_BYTES || length > DATAGRAMS_BYTES) continue;
        if (at + room(length) > DATAGRAMS_AT + DATAGRAMS_BYTES) break;
        bytes.set(datagram, at);
        lengths[count++] = length;
        at += room(length);
      }
      if (count === 0) continue;
      const memory = this.#transform.decrypt(count, at);
      this.#kernel.verify(count);
      this.#copyOut(count, at, memory, opened, HEADER_BYTES, packets);
    }
    return packets;
  }

  /** The datagrams from byte `skip` on, in `memory` or else that of the slab; without those of negative length. */
  #copyOut(
    count: number,
    end: number,
    memory: Uint8Array<ArrayBuffer> | undefined,
    slab: Slab,
    skip: number,
    out: Uint8Array[],
  ): void {
    const { bytes, lengths } = this.#kernel;
    let intact = 0;
    for (let i = 0; i < count; i++) if (lengths[i]! >= 0) intact++;
    // Rubbish takes no memory.
    if (intact === 0) return;
    const size = end - DATAGRAMS_AT;
    let target = memory;
    let place = 0;
    if (target === undefined && size > LARGE_BURST) target = new Uint8Array(size);
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
      if (length >= 0) out.push(new Uint8Array(target.buffer, place + skip, length - skip));
      place += room(Math.abs(length));
    }
  }
}
