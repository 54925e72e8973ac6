// The receiving half of FEC (kcp-go fec.go, fecDecoder; sess.go, kcpInput): passes on the packets of data shards as they come, and
// rebuilds those that are lost. The shape of the groups is the peer's affair: it is taken from the packets themselves, whatever
// it was believed to be.

import type { Counters } from '../counters.ts';
import { MTU_MAX } from '../options.ts';
import { FEC_OVERHEAD, fecTypeOf, packetIn, seqidOf, TYPE_DATA, TYPE_OOB, TYPE_PARITY } from './header.ts';
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
  /** Undefined while the shape is not known: nothing is rebuilt then. */
  #groups: ReceivedGroups | undefined;

  /**
   * @param shape to begin with, checked by the caller; undefined to wait what the peer uses.
   * @param outOfBand called with each packet (conversation and payload) that came out of band.
   */
  constructor(shape: FecShape | undefined, counters: FecCounters, outOfBand: (packet: Uint8Array) => void) {
    this.#counters = counters;
    this.#outOfBand = outOfBand;
    this.#groups = shape && new ReceivedGroups(shape);
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
      this.#decodeShard(packet, type, output);
    }
  }

  #decodeShard(packet: Uint8Array, type: number, output: Uint8Array[]): void {
    const seqid = seqidOf(packet);
    if (this.#groups === undefined || !this.#groups.fits(seqid, type)) {
      // To go on with the wrong shape would be to deliver what nobody has sent: rows of the wrong matrix keep what is the same in all
      // packets, and so give packets that look right.
      if (this.#groups !== undefined) this.#tuner.forget();
      this.#groups = undefined;
      const shape = this.#tuner.sample(seqid, type === TYPE_DATA);
      if (shape !== undefined) this.#groups = new ReceivedGroups(shape);
      this.#gauge();
      return;
    }
    const group = this.#groups.groupOf(seqid);
    this.#gauge();
    if (group === undefined) return;
    const progress = group.add(this.#groups.placeOf(seqid), packet);
    if (progress === 'duplicate') return;
    if (type === TYPE_PARITY) this.#counters.FECParityShards++;
    if (progress === 'full') this.#counters.FECFullShardSet++;
    if (progress !== 'recovered') return;
    for (const recovered of group.recover()) {
      if (recovered === undefined) {
        this.#counters.FECErrs++;
        continue;
      }
      this.#counters.FECRecovered++;
      output.push(recovered);
    }
  }

  #gauge(): void {
    this.#counters.FECShardSet = this.#groups?.size ?? 0;
    this.#counters.FECShardMin = this.#groups?.newest ?? 0;
  }
}
