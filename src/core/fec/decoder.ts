// The receiving half of FEC (kcp-go fec.go, fecDecoder; sess.go, kcpInput): passes on the packets
// of data shards as they come, and rebuilds those that are lost. The peer chooses the shape of the
// groups: it is determined from the packets themselves, whatever was assumed before.
//
// A wrong shape must never rebuild anything. The rows of all these matrices keep what is the same
// in all packets (matrix.ts), so even the wrong matrix makes packets that look right, and the
// reader would get bytes that were never sent.

import type { Counters } from '../../counters/counters.ts';
import { DATAGRAM_MAX } from '../../limits.ts';
import { convOf, isPacketOf } from '../conversation.ts';
import { FEC_OVERHEAD, type FecType, fecTypeOf, packetIn, seqidOf, TYPE_DATA, TYPE_OOB } from './header.ts';
import type { ReceivedGroup } from './received-group.ts';
import { ReceivedGroups } from './received-groups.ts';
import { SecondPacket } from './second-packet.ts';
import type { FecShape } from './shape.ts';
import { ShapeTuner } from './shape-tuner.ts';

/** What the decoder counts, under kcp-go's names. */
export type FecCounters = Pick<
  Counters,
  | 'FECFullShardSet'
  | 'FECRecovered'
  | 'FECErrs'
  | 'FECParityShards'
  | 'FECShardSet'
  | 'FECShardMin'
  | 'OOBPackets'
  | 'InErrs'
>;

/**
 * How far the shape of the groups is trusted.
 *
 * - `unknown`: packets have not shown yet that it is right. Nothing is rebuilt.
 * - `proven`: no other shape agrees with what was seen.
 * - `doubted`: it was proven, and then a packet did not fit. Nothing is rebuilt until the packets
 *   since then have proven the shape again, or a second one that does not fit shows that the peer
 *   has changed it.
 */
type Trust = 'unknown' | 'proven' | 'doubted';

/** Passes on the packets of data shards, and rebuilds those that were lost. For one peer. */
export class FecDecoder {
  readonly #counters: FecCounters;
  readonly #outOfBand: (packet: Uint8Array, seqid: number) => void;
  /** As an int32; undefined if packets are not KCP's. */
  readonly #conv: number | undefined;
  /** Whether data of the conversation has arrived. */
  #begun = false;
  readonly #tuner = new ShapeTuner();
  /** Undefined while no shape is assumed. */
  #groups: ReceivedGroups | undefined;
  #trust: Trust = 'unknown';
  /** Packets that do not fit a proven shape. */
  readonly #misfits = new SecondPacket();

  /**
   * @param shape the assumed shape of the peer's groups, checked by the caller; undefined if there
   * is none.
   * @param outOfBand called with each packet (conversation and payload) that came out of band, and
   * its seqid. The packet is lent.
   * @param conv the conversation whose packets are protected, 0 … 4294967295; undefined if packets
   * are not KCP's.
   */
  constructor(
    shape: FecShape | undefined,
    counters: FecCounters,
    outOfBand: (packet: Uint8Array, seqid: number) => void,
    conv?: number | undefined,
  ) {
    this.#counters = counters;
    this.#outOfBand = outOfBand;
    this.#conv = conv === undefined ? undefined : conv | 0;
    this.#groups = shape && new ReceivedGroups(shape);
  }

  /**
   * Copies of the datagrams since the last call what is still of use: their memory was lent until
   * now.
   */
  copyBorrowed(): void {
    if (this.#groups) for (const group of this.#groups.all) group.copyBorrowed();
  }

  /**
   * Adds to `output` what `packet` gives: itself if it is no FEC packet, the packet in it, packets
   * rebuilt with its help. The packet is lent until `copyBorrowed`.
   */
  decode(packet: Uint8Array, output: Uint8Array[]): void {
    const counters = this.#counters;
    const type = fecTypeOf(packet);
    const isData = type === TYPE_DATA;
    if (!type) {
      output.push(packet);
    } else if (packet.length < FEC_OVERHEAD || packet.length > DATAGRAM_MAX) {
      counters.InErrs++;
    } else if (type === TYPE_OOB) {
      counters.OOBPackets++;
      this.#outOfBand(packetIn(packet), seqidOf(packet));
    } else {
      if (isData) output.push(packetIn(packet));
      if (this.#isForeign(packet, type)) return;
      const seqid = seqidOf(packet);
      if (this.#fits(seqid, isData)) {
        this.#prove(seqid, isData, output);
        this.#decodeShard(packet, seqid, isData, output);
      }
      counters.FECShardSet = this.#groups?.size ?? 0;
      counters.FECShardMin = this.#groups?.newest ?? 0;
    }
  }

  /**
   * Whether the packet belongs to no group of the conversation. One seqid stands for different
   * shards in each conversation, so shards that are left from the conversation before, over the
   * same addresses, must not get into the groups of this one. Parity counts from the first data on.
   */
  #isForeign(packet: Uint8Array, type: FecType): boolean {
    if (this.#conv === undefined) return false;
    if (convOf(packet, type) !== this.#conv) return true;
    if (type === TYPE_DATA) this.#begun = true;
    return !this.#begun;
  }

  /**
   * Whether the packet is to be taken into account: it agrees with the shape, or puts an end to it.
   */
  #fits(seqid: number, isData: boolean): boolean {
    const groups = this.#groups;
    if (!groups || groups.fits(seqid, isData)) return true;
    if (this.#trust !== 'unknown') {
      if (!this.#isConfirmed(groups, seqid, isData)) return false;
      this.#trust = 'unknown';
    }
    this.#groups = undefined;
    return true;
  }

  /**
   * Takes note of a packet that does not fit a proven shape. Returns whether it has really changed,
   * for which it takes a second such packet nearby: one alone may be forged. The trust comes back
   * only where that is safe. If the peer has changed the shape, its new one agrees with every
   * packet since, so the old one cannot turn out to be the only one that does.
   */
  #isConfirmed(groups: ReceivedGroups, seqid: number, isData: boolean): boolean {
    // Far from the groups that are collected it says nothing about these.
    if (!groups.isNear(seqid)) return groups.follow(seqid, isData);
    this.#trust = 'doubted';
    const first = this.#misfits.confirms(seqid, isData, () => true);
    if (first) this.#tuner.sample(first.seqid, first.isData);
    return first !== undefined;
  }

  /**
   * Samples the packet until the shape is proven, and then rebuilds what has been waiting for that.
   */
  #prove(seqid: number, isData: boolean, output: Uint8Array[]): void {
    if (this.#trust === 'proven') return;
    const shape = this.#tuner.sample(seqid, isData);
    if (!shape) return;
    this.#tuner.forget();
    this.#misfits.forget();
    this.#trust = 'proven';
    if (!this.#groups?.isOf(shape)) this.#groups = new ReceivedGroups(shape);
    for (const group of this.#groups.all) this.#recover(group, output);
  }

  #decodeShard(packet: Uint8Array, seqid: number, isData: boolean, output: Uint8Array[]): void {
    const groups = this.#groups;
    // From here on the peer may use another shape.
    if (groups?.follow(seqid, isData)) this.#trust = 'unknown';
    const group = groups?.add(seqid, packet);
    if (!group) return;
    if (!isData) this.#counters.FECParityShards++;
    if (group.isFull) this.#counters.FECFullShardSet++;
    else if (this.#trust === 'proven') this.#recover(group, output);
  }

  /**
   * Rebuilds what is missing of a group, if possible. If any KCP packet turns out wrong, none of
   * the group's can be trusted.
   */
  #recover(group: ReceivedGroup, output: Uint8Array[]): void {
    const packets = group.recover();
    if (packets.length === 0) return;
    const conv = this.#conv;
    const counters = this.#counters;
    if (conv !== undefined && !packets.every((packet) => packet && isPacketOf(packet, conv))) {
      counters.FECErrs += packets.length;
      return;
    }
    for (const packet of packets) {
      if (packet) {
        counters.FECRecovered++;
        output.push(packet);
      } else {
        counters.FECErrs++;
      }
    }
  }
}
