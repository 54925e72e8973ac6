// Memory for datagrams that is written to again when they have left. It begins small, and grows with what leaves at once: most sockets
// of clients never send much.

import { freshBytes } from '#memory';
import type { PacketMemory } from './slab.ts';

const SMALLEST = 2048;
const NOTHING = new Uint8Array(0);

export class ReusedMemory implements PacketMemory {
  bytes = NOTHING;
  offset = 0;
  readonly #largest: number;

  /** @param largest bytes that it grows to; anything larger gets new memory each time. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  reserve(length: number): void {
    if (this.offset + length <= this.bytes.length) return;
    const size = Math.min(Math.max(2 * this.bytes.length, SMALLEST), this.#largest);
    // What was carved from the memory before stays as it is.
    this.bytes = freshBytes(Math.max(size, length));
    this.offset = 0;
  }
}
