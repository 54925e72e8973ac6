// The 20-byte header of kcp-go's plain ciphers (wire.md, section 1) and the way of a burst through the kernel's memory:
// copied in, stamped and encrypted there, copied out into packet slabs; and the reverse.

import { Slab } from '../kcp/slab.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { DATAGRAMS_AT, DATAGRAMS_BYTES, MAX_DATAGRAMS, room } from '../kernel/layout.ts';
import type { Cipher } from './cipher.ts';
import type { EntropyPool } from './entropy.ts';
import { HEADER_BYTES, NONCE_BYTES } from './packet-cipher.ts';

/** Encrypts and decrypts the `count` datagrams that lie in the kernel's memory from DATAGRAMS_AT to `end`, in place. */
export interface KernelTransform {
  encrypt(count: number, end: number): void;
  decrypt(count: number, end: number): void;
}

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
    const { bytes, lengths, nonces } = this.#kernel;
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
      for (let i = 0; i < count; i++) this.#entropy.fill(nonces[i]!, NONCE_BYTES);
      this.#kernel.stamp(count);
      this.#transform.encrypt(count, at);
      this.#copyOut(count, sealed, 0, datagrams);
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
      this.#transform.decrypt(count, at);
      this.#kernel.verify(count);
      this.#copyOut(count, opened, HEADER_BYTES, packets);
    }
    return packets;
  }

  /** The datagrams from byte `skip` on, in memory of their own; without those of negative length. */
  #copyOut(count: number, slab: Slab, skip: number, out: Uint8Array[]): void {
    const { bytes, lengths } = this.#kernel;
    let at = DATAGRAMS_AT;
    for (let i = 0; i < count; ) {
      if (lengths[i]! < 0) {
        at += room(-lengths[i++]!);
        continue;
      }
      // One copy takes all neighbours that are intact and fit into the slab.
      slab.reserve(room(lengths[i]!));
      const { bytes: target, offset } = slab;
      const from = at;
      for (; i < count && lengths[i]! >= 0; i++) {
        const length = lengths[i]!;
        const place = offset + at - from;
        if (place + room(length) > target.length) break;
        out.push(new Uint8Array(target.buffer, place + skip, length - skip));
        at += room(length);
      }
      target.set(bytes.subarray(from, at), offset);
      slab.offset = offset + at - from;
    }
  }
}
