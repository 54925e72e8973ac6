// The nonces of datagrams that an end has opened or sealed, so that none is opened twice. Two generations: when the young one is full, it becomes
// the old one, and what was the old one is forgotten.

import { readInt32 } from '../../bytes/int.ts';
import { random32, systemRandom } from '../../bytes/random.ts';

/** First bytes of a nonce that tell it from others. */
export const NONCE_BYTES_KEPT = 8;

/** Places in a new table. At most half of them are taken. */
const PLACES_MIN = 256;

export class NonceMemory {
  readonly #max: number;
  #young = new Generation();
  #old: Generation | undefined;

  /** @param max nonces of a generation. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Remembers the nonce that `datagram` begins with. Returns false if it was known. */
  add(datagram: Uint8Array): boolean {
    // An empty place is 0, 0.
    const low = readInt32(datagram, 0) || 1;
    const high = readInt32(datagram, 4);
    if (this.#old?.has(low, high) || !this.#young.add(low, high)) return false;
    if (this.#young.size === this.#max) {
      this.#old = this.#young;
      this.#young = new Generation();
    }
    return true;
  }
}

/** A set of pairs of 32-bit integers, the first of which is not 0: a hash table with linear probing, 16 bytes for each of them, 32 at most. */
class Generation {
  size = 0;
  #places = new Int32Array(2 * PLACES_MIN);
  /** Who has the key chooses nonces, but not the places they go to. */
  readonly #secret = random32(systemRandom) | 1;

  has(low: number, high: number): boolean {
    return this.#places[this.#find(low, high)] !== 0;
  }

  /** Returns false if it is there. */
  add(low: number, high: number): boolean {
    const at = this.#find(low, high);
    if (this.#places[at] !== 0) return false;
    this.#places[at] = low;
    this.#places[at + 1] = high;
    if (4 * ++this.size > this.#places.length) this.#grow();
    return true;
  }

  /** Where the pair is, or would be. */
  #find(low: number, high: number): number {
    const places = this.#places;
    const mask = places.length - 2;
    const mixed = Math.imul(Math.imul(low ^ this.#secret, 0x85eb_ca6b) ^ high, this.#secret);
    for (let at = (mixed ^ (mixed >>> 15)) & mask; ; at = (at + 2) & mask) {
      if (places[at] === 0 || (places[at] === low && places[at + 1] === high)) return at;
    }
  }

  #grow(): void {
    const places = this.#places;
    this.#places = new Int32Array(2 * places.length);
    for (let i = 0; i < places.length; i += 2) {
      const low = places[i] as number;
      if (low === 0) continue;
      const at = this.#find(low, places[i + 1] as number);
      this.#places[at] = low;
      this.#places[at + 1] = places[i + 1] as number;
    }
  }
}
