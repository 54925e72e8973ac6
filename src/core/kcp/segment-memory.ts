// Memory for what a conversation sends, until it is acknowledged.
//
// A few segments come out of the slab of the process, which is never written to twice. A conversation with many of them in flight has
// its own slabs, which it fills in turn, and again once all in them is acknowledged: megabytes per second less for the collector. They
// are never shared: a peer that acknowledges what has not left yet spoils only its own data.

import { packetSlab, Slab } from '../../bytes/slab.ts';
import { serialDiff } from './serial.ts';

/** Segments on their way, or queued, up to which they are few. */
const FEW = 32;

export class SegmentMemory {
  /** Bytes in front of each segment that are left free. */
  headroom = 0;
  readonly #sendsInOrder: boolean;
  /** In the order they were filled; the last is being filled. */
  readonly #slabs: Slab[] = [];
  /** Slabs of which everything is acknowledged; no more of them than of the others. */
  readonly #free: Slab[] = [];
  /** Where the latest segment is. */
  latest: Slab = packetSlab;

  /** @param sendsInOrder whether memory may be written to again once what is in it was acknowledged. */
  constructor(sendsInOrder: boolean) {
    this.#sendsInOrder = sendsInOrder;
  }

  /**
   * Room for `length` bytes of segment `sn`, the one behind those taken before, with headroom in front of it; `count` segments are not
   * acknowledged yet.
   */
  take(length: number, sn: number, count: number): Uint8Array {
    const size = this.headroom + length;
    let slab: Slab | undefined = packetSlab;
    if (this.#sendsInOrder && count >= FEW) {
      slab = this.#slabs.at(-1);
      if (!slab || slab.offset + size > slab.bytes.length) {
        slab = this.#free.pop() ?? new Slab();
        slab.offset = 0;
        this.#slabs.push(slab);
      }
      slab.lastSn = sn;
    }
    slab.reserve(size);
    slab.offset += this.headroom;
    this.latest = slab;
    return slab.take(length);
  }

  /** The latest segment, made longer by `extra` bytes: where it is, or else, as far as it goes, in another place. */
  extend(segment: Uint8Array, extra: number, sn: number, count: number): Uint8Array {
    const longer = this.latest.extend(segment, extra);
    if (longer !== undefined) return longer;
    const moved = this.take(segment.length + extra, sn, count);
    moved.set(segment);
    return moved;
  }

  /** Everything before `una` is acknowledged. Who has nothing else has no slabs. */
  acknowledgedUpTo(una: number): void {
    const slabs = this.#slabs;
    const free = this.#free;
    while (slabs.length > 0 && serialDiff((slabs[0] as Slab).lastSn, una) < 0) free.push(slabs.shift() as Slab);
    if (free.length > slabs.length) free.length = slabs.length;
    if (slabs.length === 0) this.latest = packetSlab;
  }
}
