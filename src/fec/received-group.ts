// One group of shards on the receiving side, until its data is complete.

import { shardIn, sizeOf } from './header.ts';
import { RecoveredPacket } from './recovered-packet.ts';
import type { ReedSolomon } from './reed-solomon.ts';

/** Bytes of the size field, which counts itself. */
const SIZE_BYTES = 2;
const NOTHING: readonly undefined[] = [];

export class ReceivedGroup {
  readonly #codec: ReedSolomon;
  /** By place in the group. */
  readonly #seen: Uint8Array;
  /** Dropped once the data is complete. */
  #shards: (Uint8Array | undefined)[] | undefined;
  #count = 0;
  #dataCount = 0;
  #isFull = false;

  constructor(codec: ReedSolomon) {
    this.#codec = codec;
    this.#seen = new Uint8Array(codec.data + codec.parity);
    this.#shards = new Array(codec.data + codec.parity);
  }

  /** Whether the packet added last was the last of the data, and all of it has arrived. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes the FEC packet at `place`, whose type is right for it. Returns false if it was here before. */
  add(place: number, packet: Uint8Array): boolean {
    this.#isFull = false;
    if (this.#seen[place] === 1) return false;
    this.#seen[place] = 1;
    if (this.#shards === undefined) return true;
    this.#count++;
    if (place < this.#codec.data) this.#dataCount++;
    this.#isFull = this.#dataCount === this.#codec.data;
    if (this.#isFull) this.#shards = undefined;
    else this.#shards[place] = retained(shardIn(packet));
    return true;
  }

  /**
   * Rebuilds the missing data, once enough has arrived. A place is undefined where what was rebuilt claims to be longer than
   * it can be.
   */
  recover(): readonly (Uint8Array | undefined)[] {
    const shards = this.#shards;
    const { data } = this.#codec;
    if (shards === undefined || this.#count < data) return NOTHING;
    this.#shards = undefined;
    let longest = 0;
    for (const shard of shards) longest = Math.max(longest, shard?.length ?? 0);
    const lost = Array.from({ length: data - this.#dataCount }, () => new Uint8Array(longest));
    this.#codec.rebuild(shards, lost);
    return lost.map(packetOf);
  }
}

function packetOf(shard: Uint8Array): Uint8Array | undefined {
  const size = sizeOf(shard);
  if (size < SIZE_BYTES || size > shard.length) return undefined;
  return new RecoveredPacket(shard.buffer as ArrayBuffer, SIZE_BYTES, size - SIZE_BYTES);
}

/** `view` for keeping: copied when it would keep much more memory alive than its own. */
function retained(view: Uint8Array): Uint8Array {
  return view.buffer.byteLength <= 2 * view.length ? view : view.slice();
}
