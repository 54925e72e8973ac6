// Memory for what is lent upwards: packets that were opened, for as long as the layers above are called with them.
//
// A stack: a layer notes the offset, writes, calls the layer above, and puts the offset back. A call that comes in the
// middle of another (a handler sends, and over a link in memory the answer is there within the call) writes behind it.

import { freshBytes } from '#memory';
import type { PacketMemory } from './slab.ts';

const SMALLEST = 16_384;
/** Memory that one burst made larger than this is given back when nothing of it is lent any more. */
const KEPT_MAX = 1024 * 1024;

class LentMemory implements PacketMemory {
  bytes = new Uint8Array(0);
  offset = 0;

  reserve(length: number): void {
    if (this.offset + length <= this.bytes.length) return;
    // What calls under way have lent stays in the memory before.
    this.bytes = freshBytes(Math.max(2 * this.bytes.length, length, SMALLEST));
    this.offset = 0;
  }

  /** Takes back everything that was written since the offset was `mark`. */
  release(mark: number): void {
    this.offset = mark;
    if (mark === 0 && this.bytes.length > KEPT_MAX) this.bytes = new Uint8Array(0);
  }
}

/** One for the process: everything between a socket and a message happens within one call. */
export const lentMemory = /* @__PURE__ */ new LentMemory();
