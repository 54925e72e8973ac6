// The groups of one shape that shards still come in for: the newest, and those shortly before it (kcp-go fec.go, fecDecoder.shardSet).

import { type Codec, codecs } from './codec.ts';
import { TYPE_DATA } from './header.ts';
import { ReceivedGroup } from './received-group.ts';
import { type FecShape, groupCount, seqidEnd } from './shape.ts';

/** Groups kept behind the newest (maxShardSets). */
const GROUPS_BEHIND = 3;
/** A packet more groups away than this is believed only when another one says the same: a forged one would end all recovery. */
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
  /** The seqid of a packet that claimed to be far away. */
  #distant: number | undefined;

  constructor(shape: FecShape) {
    this.#codec = codecs.of(shape.data, shape.parity);
    this.#length = shape.data + shape.parity;
    this.#end = seqidEnd(shape);
    this.#count = groupCount(shape);
  }

  get size(): number {
    return this.#groups.size;
  }

  placeOf(seqid: number): number {
    return seqid % this.#length;
  }

  fits(seqid: number, type: number): boolean {
    return seqid >= this.#end || this.placeOf(seqid) < this.#codec.data === (type === TYPE_DATA);
  }

  /** Whether `seqid` is so close to the newest group that it may belong to the same stream. */
  isNear(seqid: number): boolean {
    return this.newest === undefined || this.#isNear(this.#numberOf(seqid), this.newest, GROUPS_NEAR);
  }

  isOf(shape: FecShape): boolean {
    return shape.data === this.#codec.data && shape.parity === this.#codec.parity;
  }

  get all(): Iterable<ReceivedGroup> {
    return this.#groups.values();
  }

  /** Goes where `seqid` is, if that is far away and another packet, not a copy of this one, was there before. Returns whether it did. */
  follow(seqid: number): boolean {
    if (this.isNear(seqid)) return false;
    const number = this.#numberOf(seqid);
    const before = this.#distant;
    this.#distant = seqid;
    if (before === undefined || before === seqid || !this.#isNear(number, this.#numberOf(before), GROUPS_BEHIND)) {
      return false;
    }
    for (const old of this.#groups.keys()) this.#retire(old);
    this.newest = number;
    return true;
  }

  /** The group that `seqid` is in; undefined when that is out of date, or so far away that it is not to be believed. */
  groupOf(seqid: number): ReceivedGroup | undefined {
    if (seqid >= this.#end) return undefined;
    const number = this.#numberOf(seqid);
    this.newest ??= number;
    const ahead = this.#distance(number, this.newest);
    if (ahead < -GROUPS_BEHIND || ahead > GROUPS_NEAR) return undefined;
    if (ahead > 0) this.#advance(number);
    let group = this.#groups.get(number);
    if (group === undefined) {
      group = this.#spare.pop() ?? new ReceivedGroup(this.#codec);
      this.#groups.set(number, group);
    }
    return group;
  }

  #numberOf(seqid: number): number {
    return (seqid - this.placeOf(seqid)) / this.#length;
  }

  #isNear(a: number, b: number, most: number): boolean {
    return Math.abs(this.#distance(a, b)) <= most;
  }

  #advance(newest: number): void {
    this.newest = newest;
    for (const number of this.#groups.keys()) {
      if (this.#distance(newest, number) > GROUPS_BEHIND) this.#retire(number);
    }
  }

  #retire(number: number): void {
    const group = this.#groups.get(number);
    this.#groups.delete(number);
    if (group === undefined) return;
    group.reset();
    this.#spare.push(group);
  }

  /** Groups from `b` to `a`, the shorter way round. */
  #distance(a: number, b: number): number {
    const ahead = (a - b + this.#count) % this.#count;
    return ahead > this.#count / 2 ? ahead - this.#count : ahead;
  }
}
