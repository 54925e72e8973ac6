// The way of a burst through the addon: copied into its memory, sealed or opened from there into memory of the caller's. To
// have C read the packets where they lie was measured: to ask Node-API for a view takes twice as long as the copy.

import { Slab } from '../../kcp/slab.ts';
import type { Cipher } from '../cipher.ts';
import type { EntropyPool } from '../entropy.ts';
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
export function nativeCipher(name: string, key: Uint8Array, entropy: EntropyPool): Cipher | undefined {
  const found = nativeHandle(name, key);
  return found && new NativeCipher(name, found.addon, found.handle, found.isAead, entropy);
}

/** One call takes as many datagrams as this, or one: they stay in the processor's first cache. Eight of 1500 bytes. */
const CALL_BYTES = 12_288;

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

  constructor(name: string, addon: CipherAddon, handle: CipherHandle, isAead: boolean, entropy: EntropyPool) {
    this.name = name;
    this.overhead = isAead ? AEAD_OVERHEAD : HEADER_BYTES;
    this.#packetAt = isAead ? AEAD_NONCE_BYTES : HEADER_BYTES;
    this.#nonceBytes = isAead ? AEAD_NONCE_BYTES : NONCE_BYTES;
    this.#addon = addon;
    this.#handle = handle;
    this.#entropy = entropy;
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
        if (size + room(length) > (count === 0 ? DATAGRAMS_BYTES : CALL_BYTES)) break;
        bytes.set(packet, DATAGRAMS_AT + size + packetAt);
        lengths[count] = length;
        size += room(length);
      }
      if (count === 0) throw new RangeError(`a packet of ${packets[first]!.length} bytes fits no datagram`);
      this.#entropy.fillEach(bytes, NONCES_AT, this.#nonceBytes, count);
      sealed.reserve(size);
      expectDone(this.#addon.seal(this.#handle, sealed.bytes, sealed.offset, count));
      cut(sealed.bytes, sealed.offset, count, 0, 0, datagrams);
      sealed.offset += size;
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
        if (size + room(length) > (count === 0 ? DATAGRAMS_BYTES : CALL_BYTES)) break;
        bytes.set(datagram, DATAGRAMS_AT + size);
        lengths[count++] = length;
        size += room(length);
      }
      if (count > 0) this.#openBurst(size, count, packets);
    }
    return packets;
  }

  #openBurst(size: number, count: number, packets: Uint8Array[]): void {
    opened.reserve(size);
    const intact = expectDone(this.#addon.open(this.#handle, opened.bytes, opened.offset, count));
    // Rubbish takes no memory.
    if (intact === 0) return;
    cut(opened.bytes, opened.offset, count, this.#packetAt, this.overhead, packets);
    opened.offset += size;
  }
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
