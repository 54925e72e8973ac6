// The receiving half of FEC (kcp-go fec.go, fecDecoder; sess.go, kcpInput): passes on the packets of data shards as they come, and
// rebuilds those that are lost. The shape of the groups is the peer's affair: it is taken from the packets themselves, whatever
// it was believed to be.

import type { Counters } from '../../counters/counters.ts';
import { MTU_MAX } from '../../limits.ts';
import { FEC_OVERHEAD, fecTypeOf, packetIn, seqidOf, TYPE_DATA, TYPE_OOB, TYPE_PARITY } from './header.ts';
import type { ReceivedGroup } from './received-group.ts';
import { ReceivedGroups } from './received-groups.ts';
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

export class FecDecoder {
  readonly #counters: FecCounters;
  readonly #outOfBand: (packet: Uint8Array) => void;
  readonly #tuner = new ShapeTuner();
  /** Undefined while there is no idea of the shape. */
  #groups: ReceivedGroups | undefined;
  /**
   * Whether the packets have shown that the shape is right; nothing is rebuilt before. The rows of all these matrices keep what is the
   * same in all packets, so that even the wrong one makes packets that look right: it would deliver what nobody has sent.
   */
  #proven = false;

  /**
   * @param shape what the peer is believed to use, checked by the caller; undefined if there is no telling.
   * @param outOfBand called with each packet (conversation and payload) that came out of band.
   */
  constructor(shape: FecShape | undefined, counters: FecCounters, outOfBand: (packet: Uint8Array) => void) {
    this.#counters = counters;
    this.#outOfBand = outOfBand;
    this.#groups = shape && new ReceivedGroups(shape);
  }

  /** Copies of what came since the last call what is still of use. @param lent see `ReceivedGroup.own`. */
  own(lent: boolean): void {
    if (this.#groups !== undefined) for (const group of this.#groups.all) group.own(lent);
  }

  /** Adds to `output` what `packet` gives: itself if it is no FEC packet, the packet in it, packets rebuilt with its help. */
  decode(packet: Uint8Array, output: Uint8Array[]): void {
    const type = fecTypeOf(packet);
    if (type === undefined) {
      output.push(packet);
    } else if (packet.length < FEC_OVERHEAD || packet.length > MTU_MAX) {
      this.#counters.InErrs++;
    } else if (type === TYPE_OOB) {
      this.#counters.OOBPackets++;
      this.#outOfBand(packetIn(packet));
    } else {
      if (type === TYPE_DATA) output.push(packetIn(packet));
      const seqid = seqidOf(packet);
      this.#checkShape(seqid, type, output);
      if (this.#groups !== undefined) this.#decodeShard(this.#groups, packet, seqid, type, output);
      this.#gauge();
    }
  }

  #checkShape(seqid: number, type: number, output: Uint8Array[]): void {
    if (this.#groups?.fits(seqid, type) === false) {
      this.#doubt();
      this.#groups = undefined;
    }
    if (this.#proven) return;
    const shape = this.#tuner.sample(seqid, type === TYPE_DATA);
    if (shape === undefined) return;
    this.#proven = true;
    if (!this.#groups?.isOf(shape)) this.#groups = new ReceivedGroups(shape);
    for (const group of this.#groups.all) this.#recover(group, output);
  }

  /** From here on the peer may use another shape. */
  #doubt(): void {
    if (this.#proven) this.#tuner.forget();
    this.#proven = false;
  }

  #decodeShard(groups: ReceivedGroups, packet: Uint8Array, seqid: number, type: number, output: Uint8Array[]): void {
    if (groups.follow(seqid)) this.#doubt();
    const group = groups.groupOf(seqid);
    if (group === undefined || !group.add(groups.placeOf(seqid), packet)) return;
    if (type === TYPE_PARITY) this.#counters.FECParityShards++;
    if (group.isFull) this.#counters.FECFullShardSet++;
    else if (this.#proven) this.#recover(group, output);
  }

  /** Rebuilds what is missing of a group, if it can be. */
  #recover(group: ReceivedGroup, output: Uint8Array[]): void {
    for (const packet of group.recover()) {
      if (packet === undefined) {
        this.#counters.FECErrs++;
      } else {
        this.#counters.FECRecovered++;
        output.push(packet);
      }
    }
  }

  #gauge(): void {
    this.#counters.FECShardSet = this.#groups?.size ?? 0;
    this.#counters.FECShardMin = this.#groups?.newest ?? 0;
  }
}
