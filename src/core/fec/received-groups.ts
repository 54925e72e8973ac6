// The groups of one shape that shards still come in for: the newest, and those shortly before it (kcp-go fec.go, fecDecoder.shardSet).

import { type Codec, codecs } from './codec.ts';
import { ReceivedGroup } from './received-group.ts';
import { SecondPacket } from './second-packet.ts';
import { type FecShape, groupCount, seqidEnd } from './shape.ts';

/** Groups kept behind the newest (maxShardSets). */
const GROUPS_BEHIND = 3;
/** A packet more groups away than this takes a second one to be believed: a forged one would end all recovery. */
const GROUPS_NEAR = 64;

export class ReceivedGroups {
  /** Number of the newest group. */
  newest: number | undefined;
  readonly #codec: Codec;
  readonly #length: number;
  /** The first seqid that this shape does not use. */
  readonly #end: number;
  /** Groups that there are numbers for. */
  readonly #count: number;
  readonly #groups = new Map<number, ReceivedGroup>();
  /** Groups out of date, for those to come. */
  readonly #spare: ReceivedGroup[] = [];
  /** Packets that are far away. */
  readonly #distant = new SecondPacket();

  constructor(shape: FecShape) {
    this.#codec = codecs.of(shape.data, shape.parity);
    this.#length = shape.data + shape.parity;
    this.#end = seqidEnd(shape);
    this.#count = groupCount(shape);
  }

  get size(): number {
    return this.#groups.size;
  }

  fits(seqid: number, isData: boolean): boolean {
    return seqid >= this.#end || this.#placeOf(seqid) < this.#codec.data === isData;
  }

  /** Whether `seqid` is so close to the newest group that it may belong to the same stream. */
  isNear(seqid: number): boolean {
    return this.newest === undefined || this.#isWithin(GROUPS_NEAR, this.#numberOf(seqid), this.newest);
  }

  isOf(shape: FecShape): boolean {
    return shape.data === this.#codec.data && shape.parity === this.#codec.parity;
  }

  get all(): Iterable<ReceivedGroup> {
    return this.#groups.values();
  }

  /** Goes where a packet is, if that is far away and another one was there before. Returns whether it did. */
  follow(seqid: number, isData: boolean): boolean {
    if (this.isNear(seqid)) return false;
    const number = this.#numberOf(seqid);
    const isThere = (first: number): boolean => this.#isWithin(GROUPS_BEHIND, number, this.#numberOf(first));
    if (!this.#distant.confirms(seqid, isData, isThere)) return false;
    for (const [old, group] of this.#groups) this.#retire(old, group);
    this.newest = number;
    return true;
  }

  /** Adds a packet to its group. Returns that; undefined if the packet was here before. */
  add(seqid: number, packet: Uint8Array): ReceivedGroup | undefined {
    const group = this.#groupOf(seqid);
    return group?.add(this.#placeOf(seqid), packet) ? group : undefined;
  }

  /** The group that `seqid` is in; undefined when that is out of date, or so far away that it is not to be believed. */
  #groupOf(seqid: number): ReceivedGroup | undefined {
    if (seqid >= this.#end) return undefined;
    const number = this.#numberOf(seqid);
    this.newest ??= number;
    const ahead = this.#distance(number, this.newest);
    if (ahead < -GROUPS_BEHIND || ahead > GROUPS_NEAR) return undefined;
    if (ahead > 0) {
      this.newest = number;
      for (const [old, group] of this.#groups)
        if (this.#distance(number, old) > GROUPS_BEHIND) this.#retire(old, group);
    }
    let group = this.#groups.get(number);
    if (!group) {
      group = this.#spare.pop() ?? new ReceivedGroup(this.#codec);
      this.#groups.set(number, group);
    }
    return group;
  }

  #placeOf(seqid: number): number {
    return seqid % this.#length;
  }

  #numberOf(seqid: number): number {
    return (seqid - this.#placeOf(seqid)) / this.#length;
  }

  #isWithin(most: number, a: number, b: number): boolean {
    return Math.abs(this.#distance(a, b)) <= most;
  }

  #retire(number: number, group: ReceivedGroup): void {
    this.#groups.delete(number);
    group.reset();
    this.#spare.push(group);
  }

  /** Groups from `b` to `a`, the shorter way round. */
  #distance(a: number, b: number): number {
    const ahead = (a - b + this.#count) % this.#count;
    return ahead > this.#count / 2 ? ahead - this.#count : ahead;
  }
}
