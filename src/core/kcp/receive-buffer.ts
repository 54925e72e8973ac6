// What this end has received: segments in order and unread, and segments beyond a gap.
//
// One ring indexed by sn, in the order read ≤ nxt: [read … nxt) is in order and waits for the reader, behind nxt
// lie the segments that came early. (kcp-go keeps a queue, a heap and a map: kcp-go kcp.go, parse_data.)
// A segment is stored with its header, as a view of the packet it came in, which is lent: it is copied once, when its message is read
// or, if that is later, by `copyBorrowed`.

import { freshBytes } from '#memory';
import { Slab } from '../../bytes/slab.ts';
import { keepSpare, type Ring } from '../../bytes/spare-rings.ts';
import { FRG_OFFSET, SEGMENT_HEADER } from './segment.ts';
import { serialDiff } from './serial.ts';

/** Fragments after which a message is cut: frg is one byte and counts down to 0. */
const CUT_AFTER = 256;
/** Places of the smallest ring: a thin stream needs no more. A power of two. */
const RING_MIN = 2;
const spareRings: Ring<Uint8Array>[] = [];

/** Copies of segments: one for the process, as for packets. */
const segmentSlab = /* @__PURE__ */ new Slab();

export class ReceiveBuffer {
  nxt: number;
  /** Segments stored beyond nxt. */
  early = 0;
  /** Makes the memory of a message: its own, unless whoever reads has read it when the call ends. */
  memory: (length: number) => Uint8Array = freshBytes;
  #read: number;
  #segments: Ring<Uint8Array> = [];
  /** Segments in order whose message is not complete; they lie last before nxt. */
  #incomplete = 0;
  /** In-order segments that end a message; shows whether there is one to read. */
  #messages = 0;
  /** Segments stored since the last `copyBorrowed`, which lie in lent memory: that many are the first of the list. */
  #borrows = 0;
  // (Of one place at first, which is enough for most: an array that grows by itself from none gets 17.)
  readonly #borrowed = [0];

  constructor(initialSn: number) {
    this.nxt = this.#read = initialSn;
  }

  /**
   * Segments of whole messages that wait for the reader: what is taken off the window. Fragments of a message
   * still on its way do not count, or one with more fragments than the window could never complete.
   */
  get unread(): number {
    return serialDiff(this.nxt, this.#read) - this.#incomplete;
  }

  /** Segments kept: unread, of an incomplete message, and beyond a gap. */
  get held(): number {
    return serialDiff(this.nxt, this.#read) + this.early;
  }

  /** Whether a whole message waits. */
  get readable(): boolean {
    return this.#messages > 0;
  }

  /** Takes in a segment that lies in the window: its header and its data, which are lent. False when it is there already. */
  store(sn: number, segment: Uint8Array): boolean {
    const span = serialDiff(sn, this.#read) + 1;
    if (span > this.#segments.length) this.#grow(span);
    const index = sn & (this.#segments.length - 1);
    if (this.#segments[index] !== undefined) return false;
    this.#segments[index] = segment;
    this.early++;
    this.#borrowed[this.#borrows++] = sn;
    return true;
  }

  /** Copies what is still unread of the segments that came since the last call. */
  copyBorrowed(): void {
    const mask = this.#segments.length - 1;
    while (this.#borrows > 0) {
      const sn = this.#borrowed[--this.#borrows] as number;
      const segment = serialDiff(sn, this.#read) < 0 ? undefined : this.#segments[sn & mask];
      if (segment === undefined) continue;
      segmentSlab.reserve(segment.length);
      const copy = segmentSlab.take(segment.length);
      copy.set(segment);
      this.#segments[sn & mask] = copy;
    }
  }

  /** Moves nxt over what is there, as long as the reader leaves fewer than `window` segments unread. */
  advance(window: number): void {
    while (this.early > 0 && this.unread < window) {
      const segment = this.#segments[this.nxt & (this.#segments.length - 1)];
      if (segment === undefined) return;
      this.nxt = (this.nxt + 1) | 0;
      this.early--;
      this.#incomplete++;
      if (isLast(segment, this.#incomplete)) {
        this.#incomplete = 0;
        this.#messages++;
      }
    }
  }

  /** The segment that ends the next whole message, which there must be. */
  get nextEnd(): Uint8Array {
    for (let sn = this.#read, count = 1; ; sn++, count++) {
      const segment = this.#segments[sn & (this.#segments.length - 1)] as Uint8Array;
      if (isLast(segment, count)) return segment;
    }
  }

  /**
   * The next whole message, which must exist, in its own buffer.
   *
   * @param joined more messages that wait are added to it, as far as it stays within so many bytes: for streams, where
   * message boundaries mean nothing and one piece of memory costs less than many.
   */
  read(joined: number): Uint8Array {
    const mask = this.#segments.length - 1;
    let last = this.#read;
    let total = 0;
    for (let end = last, sum = 0, count = 1; ; end = (end + 1) | 0, count++) {
      const segment = this.#segments[end & mask] as Uint8Array;
      sum += segment.length - SEGMENT_HEADER;
      if (!isLast(segment, count)) continue;
      count = 0;
      if (total > 0 && sum > joined) break;
      last = end;
      total = sum;
      if (--this.#messages === 0 || sum >= joined) break;
    }
    const message = this.memory(total);
    let offset = 0;
    const end = (last + 1) | 0;
    for (let sn = this.#read; sn !== end; sn = (sn + 1) | 0) {
      const segment = this.#segments[sn & mask] as Uint8Array;
      this.#segments[sn & mask] = undefined;
      message.set(segment.subarray(SEGMENT_HEADER), offset);
      offset += segment.length - SEGMENT_HEADER;
    }
    this.#read = end;
    if (this.early === 0 && this.#read === this.nxt && this.#segments.length > RING_MIN * 32) {
      this.#segments = keepSpare(spareRings, this.#segments);
    }
    return message;
  }

  /** Gives the ring room for `span` segments. */
  #grow(span: number): void {
    const { length } = this.#segments;
    let capacity = Math.max(1 << (32 - Math.clz32(span - 1)), RING_MIN);
    let segments = length === 0 ? spareRings.pop() : undefined;
    if (segments && segments.length >= capacity) capacity = segments.length;
    else segments = new Array<Uint8Array | undefined>(capacity);
    for (let i = 0; i < length; i++) {
      const sn = this.#read + i;
      segments[sn & (capacity - 1)] = this.#segments[sn & (length - 1)];
    }
    this.#segments = segments;
  }
}

/** Whether `segment`, the `count`th of its message, ends it. A peer that never sends frg 0 gets its message cut where no honest one could go on. */
function isLast(segment: Uint8Array, count: number): boolean {
  return segment[FRG_OFFSET] === 0 || count === CUT_AFTER;
}
