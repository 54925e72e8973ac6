// How a burst passes through the addon: read in place, or, if it lies scattered, from one copy; sealed and opened
// into the given memory.

import type { PacketMemory } from '../../../bytes/slab.ts';
import type { Cipher } from '../cipher.ts';
import type { EntropyPool } from '../entropy.ts';
import { HEADER_BYTES, NONCE_BYTES } from '../packet-cipher.ts';
import { opened, sealed } from '../slabs.ts';
import {
  type CipherAddon,
  type CipherHandle,
  DATAGRAMS_AT,
  DATAGRAMS_BYTES,
  LENGTHS_AT,
  MAX_DATAGRAMS,
  NONCES_AT,
  nativeHandle,
  OFFSETS_AT,
} from './native-addon.ts';

const AEAD_NONCE_BYTES = 12;
const AEAD_OVERHEAD = AEAD_NONCE_BYTES + 16;
/** One call makes as many bytes as this, or one datagram: parts of a burst that fit a slab. */
const CALL_BYTES = 49_152;
/** One call takes as many scattered bytes as this, or one datagram: copies that stay in the processor's first cache. */
const COPIED_BYTES = 12_288;
/** What the addon can be told of a place. */
const SOURCE_MAX = 0xffff_ffff;

/** The addon's memory, of this thread. */
let memory = new ArrayBuffer(0);
let bytes = new Uint8Array(0);
let lengths = new Int32Array(0);
let offsets = new Uint32Array(0);

/** The cipher `name` by the addon; undefined when it has none of that name, or is not here. For `xor`, `key` is the pad. */
export function nativeCipher(name: string, key: Uint8Array, entropy: EntropyPool): Cipher | undefined {
  const found = nativeHandle(name, key);
  return found && new NativeCipher(name, found.addon, found.handle, found.isAead, entropy);
}

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
    if (bytes.length > 0) return;
    memory = addon.cipherMemory();
    lengths = new Int32Array(memory, LENGTHS_AT, MAX_DATAGRAMS);
    offsets = new Uint32Array(memory, OFFSETS_AT, MAX_DATAGRAMS);
    bytes = new Uint8Array(memory);
  }

  /** @throws RangeError when a packet is longer than about 131 000 bytes: twice what UDP can carry. */
  seal(packets: readonly Uint8Array[], target: PacketMemory = sealed): Uint8Array[] {
    const datagrams: Uint8Array[] = [];
    for (let next = 0; next < packets.length; ) {
      const part = lay(packets, next, 0, this.overhead);
      if (part.count === 0) throw new RangeError(`a packet of ${packets[next]!.length} bytes fits no datagram`);
      this.#entropy.fillEach(bytes, NONCES_AT, this.#nonceBytes, part.count);
      target.reserve(part.size);
      const { source, count } = part;
      expectDone(this.#addon.seal(this.#handle, source, target.bytes, target.offset, count));
      cut(target, count, 0, 0, datagrams);
      target.offset += part.size;
      next = part.next;
    }
    return datagrams;
  }

  open(datagrams: readonly Uint8Array[], target: PacketMemory = opened): Uint8Array[] {
    // The packets of `none` are in their datagrams as they are.
    const mayStay = this.name === 'none';
    const packets: Uint8Array[] = [];
    for (let next = 0; next < datagrams.length; ) {
      const { source, count, size, next: after } = lay(datagrams, next, this.overhead, 0);
      next = after;
      if (count === 0) continue;
      if (mayStay && source !== memory) {
        expectDone(this.#addon.open(this.#handle, source, undefined, 0, count));
        cutThere(source, count, this.#packetAt, this.overhead, packets);
        continue;
      }
      target.reserve(size);
      const intact = expectDone(this.#addon.open(this.#handle, source, target.bytes, target.offset, count));
      // Garbage takes no memory.
      if (intact === 0) continue;
      cut(target, count, this.#packetAt, this.overhead, packets);
      target.offset += size;
    }
    return packets;
  }
}

/** A part of a burst, as the addon was told of it. */
interface Part {
  readonly source: ArrayBuffer;
  readonly count: number;
  /** Bytes of all its datagrams. */
  readonly size: number;
  /** Index of the first piece that is not part of it. */
  readonly next: number;
}

/**
 * Tells the addon of pieces from index `first` on, each of them `extra` bytes shorter than its datagram: those that lie in one memory
 * where they are, scattered ones in copies. Left out are those of less than `least` bytes, and of more than the addon takes when there
 * is a least.
 */
function lay(pieces: readonly Uint8Array[], first: number, least: number, extra: number): Part {
  const { buffer } = pieces[first]!;
  const isAlone = pieces.length > first + 1 && pieces[first + 1]!.buffer !== buffer;
  const isCopied = isAlone || !(buffer instanceof ArrayBuffer) || buffer.byteLength > SOURCE_MAX;
  const limit = isCopied ? COPIED_BYTES : CALL_BYTES;
  let next = first;
  let count = 0;
  let size = 0;
  let copiedTo = DATAGRAMS_AT;
  for (; count < MAX_DATAGRAMS && next < pieces.length; next++) {
    const piece = pieces[next]!;
    if (!isCopied && piece.buffer !== buffer) break;
    const length = piece.length + extra;
    if (length < least || (least > 0 && length > DATAGRAMS_BYTES)) continue;
    if (size + length > (count === 0 ? DATAGRAMS_BYTES : limit)) break;
    if (isCopied) bytes.set(piece, copiedTo);
    offsets[count] = isCopied ? copiedTo : piece.byteOffset;
    lengths[count++] = length;
    copiedTo += piece.length;
    size += length;
  }
  return { source: isCopied ? memory : buffer, count, size, next };
}

function expectDone(result: number): number {
  if (result < 0) throw new Error('the addon refused a burst');
  return result;
}

/** Views of the datagrams at the memory's offset, from byte `skip` on, less `omit` bytes; without those of negative length. */
function cut(target: PacketMemory, count: number, skip: number, omit: number, out: Uint8Array[]): void {
  const { buffer } = target.bytes;
  let at = target.bytes.byteOffset + target.offset;
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!;
    if (length >= 0) out.push(new Uint8Array(buffer, at + skip, length - omit));
    at += Math.abs(length);
  }
}

/** The same of what stayed in the source. */
function cutThere(source: ArrayBuffer, count: number, skip: number, omit: number, out: Uint8Array[]): void {
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!;
    if (length >= 0) out.push(new Uint8Array(source, offsets[i]! + skip, length - omit));
  }
}
