// One group of shards on the receiving side, until its data is complete. Its memory is used again for later groups: no other code
// has a view of it.

import type { Codec } from './codec.ts';
import { shardIn, sizeOf } from './header.ts';
import { RecoveredPacket } from './recovered-packet.ts';

/** Bytes of the size field, which counts itself. */
const SIZE_BYTES = 2;
const NOTHING: readonly undefined[] = [];

export class ReceivedGroup {
  readonly #codec: Codec;
  /** By place in the group. */
  readonly #seen: Uint8Array;
  /** As they came, or copies of them. */
  readonly #packets: (Uint8Array | undefined)[];
  /** Places of the shards that came last, whose memory is lent. */
  readonly #borrowed: number[] = [];
  #count = 0;
  #dataCount = 0;
  /** Whether all data has arrived or was rebuilt: what comes then is of no use. */
  #complete = false;
  #isFull = false;
  /** Copies of packets, one behind the other. */
  #memory = new Uint8Array(0);
  #used = 0;

  constructor(codec: Codec) {
    this.#codec = codec;
    this.#seen = new Uint8Array(codec.data + codec.parity);
    this.#packets = new Array(codec.data + codec.parity).fill(undefined);
  }

  /** Begins another group. */
  reset(): void {
    this.#seen.fill(0);
    this.#count = this.#dataCount = 0;
    this.#complete = false;
    this.#drop();
  }

  /** Whether the packet added last was the last of the data, and all of it has arrived. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes the FEC packet at `place`, whose type is right for it, and keeps it as it is until `copyBorrowed`. Returns false if it was here before. */
  add(place: number, packet: Uint8Array): boolean {
    this.#isFull = false;
    if (this.#seen[place] === 1) return false;
    this.#seen[place] = 1;
    if (this.#complete) return true;
    this.#count++;
    if (place < this.#codec.data) this.#dataCount++;
    this.#isFull = this.#dataCount === this.#codec.data;
    if (this.#isFull) {
      this.#finish();
    } else {
      this.#packets[place] = packet;
      this.#borrowed.push(place);
    }
    return true;
  }

  /** Copies the packets that came since the last call and are still of use: their memory was lent until now. */
  copyBorrowed(): void {
    for (const place of this.#borrowed) this.#packets[place] = this.#copy(this.#packets[place] as Uint8Array);
    this.#borrowed.length = 0;
  }

  /**
   * Rebuilds the missing data, once enough has arrived. A place is undefined where what was rebuilt claims to be longer than
   * it can be.
   */
  recover(): readonly (Uint8Array | undefined)[] {
    const { data } = this.#codec;
    if (this.#complete || this.#count < data) return NOTHING;
    let longest = 0;
    const shards = this.#packets.map((packet) => packet && shardIn(packet));
    for (const shard of shards) if (shard) longest = Math.max(longest, shard.length);
    const all = new Uint8Array((data - this.#dataCount) * longest);
    const lost: Uint8Array[] = [];
    for (let at = 0; at < all.length; at += longest) lost.push(all.subarray(at, at + longest));
    this.#codec.rebuild(shards, lost);
    this.#finish();
    return lost.map(packetOf);
  }

  #finish(): void {
    this.#complete = true;
    this.#drop();
  }

  #drop(): void {
    this.#packets.fill(undefined);
    this.#borrowed.length = 0;
    this.#used = 0;
  }

  #copy(packet: Uint8Array): Uint8Array {
    if (this.#used + packet.length > this.#memory.length) {
      const left = this.#seen.length - this.#count + this.#borrowed.length;
      this.#memory = new Uint8Array(left * packet.length);
      this.#used = 0;
    }
    const copy = this.#memory.subarray(this.#used, this.#used + packet.length);
    copy.set(packet);
    this.#used += packet.length;
    return copy;
  }
}

function packetOf(shard: Uint8Array): Uint8Array | undefined {
  const size = sizeOf(shard);
  if (size < SIZE_BYTES || size > shard.length) return undefined;
  return new RecoveredPacket(shard.buffer as ArrayBuffer, shard.byteOffset + SIZE_BYTES, size - SIZE_BYTES);
}
