// Memory for packets, and for what is copied of some: carved one after another from 64 KiB slabs that are not used twice (but for those
// of SegmentMemory), so that a packet, once emitted, stays as it is however long a pipeline holds it. The collector frees a slab when
// the last packet in it is gone. Packets of one flush lie next to each other.

import { freshBytes } from '#memory';
import { ensure, isFunction } from '../check.ts';

const SLAB_BYTES = 65_536;

/** Where to write packets: after `reserve`, at `offset` of `bytes`, which is then to be moved on. */
export interface PacketMemory {
  /** What is written to; another one, perhaps, after `reserve`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Byte of `bytes` from which on nothing is written yet. */
  offset: number;
  /** Makes sure that `length` bytes can be written at `offset`. */
  reserve(length: number): void;
}

export class Slab implements PacketMemory {
  bytes = new Uint8Array(0);
  offset = 0;
  /** Of `bytes`, which it has all of: to ask a view for it takes longer than to make one. */
  #buffer = this.bytes.buffer;
  /** Of `bytes`, too: to write numbers. */
  view: DataView = new DataView(this.#buffer);
  /** The number of what was written to it last, where its user counts that. (A subclass for it takes more bytes of a page.) */
  lastSn = 0;

  reserve(length: number): void {
    if (this.offset + length <= this.bytes.length) return;
    this.bytes = freshBytes(Math.max(SLAB_BYTES, length));
    this.#buffer = this.bytes.buffer;
    this.view = new DataView(this.#buffer);
    this.offset = 0;
  }

  /** The next `length` bytes, which the caller has reserved, as a new view. */
  take(length: number): Uint8Array {
    const view = new Uint8Array(this.#buffer, this.offset, length);
    this.offset += length;
    return view;
  }

  /** `view` made longer by `extra` bytes in place; undefined when something else lies behind it. */
  extend(view: Uint8Array, extra: number): Uint8Array | undefined {
    const end = view.byteOffset + view.length;
    if (view.buffer !== this.#buffer || end !== this.offset || end + extra > this.bytes.length) return undefined;
    this.offset += extra;
    return new Uint8Array(this.#buffer, view.byteOffset, view.length + extra);
  }
}

/** @throws OptionError when `value` is no {@link PacketMemory}. */
export function requireMemory(option: string, value: unknown): void {
  const { bytes, offset, reserve } = (value ?? {}) as Partial<PacketMemory>;
  const isRight = bytes instanceof Uint8Array && typeof offset === 'number' && isFunction(reserve);
  ensure(option, value, isRight, 'a PacketMemory with bytes, offset and reserve()');
}

/** One for the process: a slab for each session would cost an idle session 64 KiB. */
export const packetSlab = /* @__PURE__ */ new Slab();
