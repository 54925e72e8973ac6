// One group of shards on the receiving side, until its data is complete.

import { shardIn, sizeOf } from './header.ts';
import { RecoveredPacket } from './recovered-packet.ts';
import type { ReedSolomon } from './reed-solomon.ts';

/** Bytes of the size field, which counts itself. */
const SIZE_BYTES = 2;

/** What became of a shard. */
export type Progress = 'duplicate' | 'waiting' | 'full' | 'recovered' | 'late';

export class ReceivedGroup {
  readonly #codec: ReedSolomon;
  /** By place in the group. */
  readonly #seen: Uint8Array;
  /** Dropped once the data is complete. */
  #shards: (Uint8Array | undefined)[] | undefined;
  #count = 0;
  #dataCount = 0;

  constructor(codec: ReedSolomon) {
    this.#codec = codec;
    this.#seen = new Uint8Array(codec.data + codec.parity);
    this.#shards = new Array(codec.data + codec.parity);
  }

  /**
   * Takes the FEC packet at `place`, whose type is right for it.
   *
   * - `duplicate`: it was here before.
   * - `waiting`: more are needed.
   * - `full`: all data has arrived.
   * - `recovered`: what of the data was missing can be rebuilt now, by `recover`.
   * - `late`: the data was complete before.
   */
  add(place: number, packet: Uint8Array): Progress {
    if (this.#seen[place] === 1) return 'duplicate';
    this.#seen[place] = 1;
    if (this.#shards === undefined) return 'late';
    const { data } = this.#codec;
    this.#count++;
    if (place < data) this.#dataCount++;
    if (this.#dataCount === data) {
      this.#shards = undefined;
      return 'full';
    }
    this.#shards[place] = retained(shardIn(packet));
    return this.#count < data ? 'waiting' : 'recovered';
  }

  /** Rebuilds the missing data. A place is undefined where what was rebuilt claims to be longer than it can be. */
  recover(): (Uint8Array | undefined)[] {
    const shards = this.#shards;
    if (shards === undefined) return [];
    this.#shards = undefined;
    const { data } = this.#codec;
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
