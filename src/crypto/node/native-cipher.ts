// The way of a burst through the addon: copied into its memory, sealed or opened from there into memory of the caller's. To
// have C read the packets where they lie was measured: to ask Node-API for a view takes twice as long as the copy.

import { Slab } from '../../kcp/slab.ts';
import type { Cipher } from '../cipher.ts';
import type { EntropyPool } from '../entropy.ts';
import { type Allocate, LARGE_BURST } from '../kernel-cipher.ts';
import { HEADER_BYTES, NONCE_BYTES } from '../packet-cipher.ts';
import {
  type CipherAddon,
  type CipherHandle,
  DATAGRAMS_AT,
  DATAGRAMS_BYTES,
  LENGTHS_AT,
  MAX_DATAGRAMS,
  NONCES_AT,
  nativeHandle,
} from './native-addon.ts';

const AEAD_NONCE_BYTES = 12;
const AEAD_OVERHEAD = AEAD_NONCE_BYTES + 16;

/** The cipher `name` by the addon; undefined when it has none of that name, or is not here. For `xor`, `key` is the pad. */
export function nativeCipher(
  name: string,
  key: Uint8Array,
  entropy: EntropyPool,
  allocate: Allocate,
): Cipher | undefined {
  const found = nativeHandle(name, key);
  return found && new NativeCipher(name, found.addon, found.handle, found.isAead, entropy, allocate);
}

/** What a datagram of `length` bytes takes of DATAGRAMS_BYTES. */
const room = (length: number): number => (length + 15) & ~15;

// Sealed datagrams live until they are sent, opened ones perhaps for long: not in the same slab.
const sealed = /* @__PURE__ */ new Slab();
const opened = /* @__PURE__ */ new Slab();

/** The addon's memory, of this thread. */
let bytes = new Uint8Array(0);
let lengths = new Int32Array(0);

class NativeCipher implements Cipher {
  readonly name: string;
  readonly overhead: number;
  /** Bytes of a datagram in front of its packet. */
  readonly #packetAt: number;
  readonly #nonceBytes: number;
  readonly #addon: CipherAddon;
  readonly #handle: CipherHandle;
  readonly #entropy: EntropyPool;
  readonly #allocate: Allocate;
  /** What the last large burst was opened into, if there was nothing in it. */
  #spare: Uint8Array<ArrayBuffer> | undefined;

  constructor(
    name: string,
    addon: CipherAddon,
    handle: CipherHandle,
    isAead: boolean,
    entropy: EntropyPool,
    allocate: Allocate,
  ) {
    this.name = name;
    this.overhead = isAead ? AEAD_OVERHEAD : HEADER_BYTES;
    this.#packetAt = isAead ? AEAD_NONCE_BYTES : HEADER_BYTES;
    this.#nonceBytes = isAead ? AEAD_NONCE_BYTES : NONCE_BYTES;
    this.#addon = addon;
    this.#handle = handle;
    this.#entropy = entropy;
    this.#allocate = allocate;
    if (bytes.length === 0) {
      const memory = addon.cipherMemory();
      lengths = new Int32Array(memory, LENGTHS_AT, MAX_DATAGRAMS);
      bytes = new Uint8Array(memory);
    }
  }

  /** @throws RangeError when a packet is longer than about 131 000 bytes: twice what UDP can carry. */
  seal(packets: readonly Uint8Array[]): Uint8Array[] {
    const { overhead } = this;
    const packetAt = this.#packetAt;
    const datagrams: Uint8Array[] = [];
    for (let first = 0; first < packets.length; ) {
      let size = 0;
      let count = 0;
      for (; count < MAX_DATAGRAMS && first + count < packets.length; count++) {
        const packet = packets[first + count]!;
        const length = overhead + packet.length;
        if (size + room(length) > DATAGRAMS_BYTES) break;
        bytes.set(packet, DATAGRAMS_AT + size + packetAt);
        lengths[count] = length;
        size += room(length);
      }
      if (count === 0) throw new RangeError(`a packet of ${packets[first]!.length} bytes fits no datagram`);
      this.#entropy.fillEach(bytes, NONCES_AT, this.#nonceBytes, count);
      const target = size > LARGE_BURST ? this.#allocate(size) : reserved(sealed, size);
      const place = size > LARGE_BURST ? 0 : sealed.offset;
      expectDone(this.#addon.seal(this.#handle, target, place, count));
      if (size <= LARGE_BURST) sealed.offset += size;
      cut(target, place, count, 0, 0, datagrams);
      first += count;
    }
    return datagrams;
  }

  open(datagrams: readonly Uint8Array[]): Uint8Array[] {
    const { overhead } = this;
    const packets: Uint8Array[] = [];
    for (let next = 0; next < datagrams.length; ) {
      let size = 0;
      let count = 0;
      for (; count < MAX_DATAGRAMS && next < datagrams.length; next++) {
        const datagram = datagrams[next]!;
        const { length } = datagram;
        if (length < overhead || length > DATAGRAMS_BYTES) continue;
        if (size + room(length) > DATAGRAMS_BYTES) break;
        bytes.set(datagram, DATAGRAMS_AT + size);
        lengths[count++] = length;
        size += room(length);
      }
      if (count > 0) this.#openBurst(size, count, packets);
    }
    return packets;
  }

  #openBurst(size: number, count: number, packets: Uint8Array[]): void {
    const isLarge = size > LARGE_BURST;
    const target = isLarge ? this.#large(size) : reserved(opened, size);
    const place = isLarge ? 0 : opened.offset;
    const intact = expectDone(this.#addon.open(this.#handle, target, place, count));
    // Rubbish takes no memory.
    if (intact === 0) {
      if (isLarge) this.#spare = target;
      return;
    }
    if (!isLarge) opened.offset += size;
    cut(target, place, count, this.#packetAt, this.overhead, packets);
  }

  #large(size: number): Uint8Array<ArrayBuffer> {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare !== undefined && spare.length >= size ? spare : this.#allocate(size);
  }
}

/** The slab's memory, with room for `size` bytes. */
function reserved(slab: Slab, size: number): Uint8Array<ArrayBuffer> {
  slab.reserve(size);
  return slab.bytes;
}

function expectDone(result: number): number {
  if (result < 0) throw new Error('the addon refused a burst');
  return result;
}

/** Views of the datagrams from byte `skip` on, less `omit` bytes; without those of negative length. */
function cut(
  target: Uint8Array<ArrayBuffer>,
  place: number,
  count: number,
  skip: number,
  omit: number,
  out: Uint8Array[],
): void {
  const { buffer } = target;
  let at = target.byteOffset + place;
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!;
    if (length >= 0) out.push(new Uint8Array(buffer, at + skip, length - omit));
    at += room(Math.abs(length));
  }
}
