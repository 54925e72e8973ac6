// The sending half of FEC (kcp-go fec.go, fecEncoder): numbers packets, and adds parity to each group of them.

import { freshBytes } from '#memory';
import { FEC_HEADER, FEC_OVERHEAD, TYPE_DATA, TYPE_PARITY, writeFecHeader, writeSize } from './header.ts';
import { type ReedSolomon, reedSolomon } from './reed-solomon.ts';
import { type FecShape, seqidEnd } from './shape.ts';

/** ms between the last two packets of a group from which on its parity would come too late to be of use (maxFECEncodeLatency). */
const CONTINUITY_MS = 500;
/** Memory for a group's packets is taken in pieces of this many bytes at most. */
const CHUNK_MAX = 65_536;

export class FecEncoder {
  readonly #codec: ReedSolomon;
  readonly #end: number;
  #seqid: number;
  /** Shards of the group so far: views of packets that were handed out. */
  #shards: Uint8Array[] = [];
  #longest = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  /**
   * Memory that packets are written to, one behind the other, and never twice. Each encoder has its own, for a group that fills
   * up slowly must not keep the memory of others alive.
   */
  #chunk = new Uint8Array(0);
  #used = 0;

  /**
   * @param shape checked by the caller.
   * @param firstSeqid of a group's first shard, for tests of the wrap-around; 0 on the wire.
   */
  constructor(shape: FecShape, firstSeqid = 0) {
    this.#codec = reedSolomon(shape.data, shape.parity);
    this.#end = seqidEnd(shape);
    this.#seqid = firstSeqid;
  }

  /** Adds `packet` to `output`, as a data shard, and the parity of its group if it is the group's last. `packet` is copied. */
  encode(packet: Uint8Array, now: number, output: Uint8Array[]): void {
    const shard = this.#take(FEC_OVERHEAD + packet.length);
    shard.set(packet, FEC_OVERHEAD);
    writeSize(shard);
    output.push(this.#numbered(shard, TYPE_DATA));
    this.#longest = Math.max(this.#longest, shard.length);
    if (this.#shards.push(shard.subarray(FEC_HEADER)) === this.#codec.data) {
      if (now - this.#lastAt < CONTINUITY_MS) this.#addParity(output);
      // Numbers of parity that is not sent are not used for anything else: places in a group stay what they are.
      else this.#seqid = (this.#seqid + this.#codec.parity) % this.#end;
      this.#shards = [];
      this.#longest = 0;
    }
    this.#lastAt = now;
  }

  #addParity(output: Uint8Array[]): void {
    const parity: Uint8Array[] = [];
    for (let i = 0; i < this.#codec.parity; i++) {
      const packet = this.#take(this.#longest);
      output.push(this.#numbered(packet, TYPE_PARITY));
      parity.push(packet.subarray(FEC_HEADER));
    }
    this.#codec.encode(this.#shards, parity);
  }

  #numbered(packet: Uint8Array, type: number): Uint8Array {
    writeFecHeader(packet, this.#seqid, type);
    this.#seqid = (this.#seqid + 1) % this.#end;
    return packet;
  }

  #take(length: number): Uint8Array {
    if (this.#used + length > this.#chunk.length) {
      // As much as the rest of the group takes, if all of it is of this length.
      const left = this.#codec.data + this.#codec.parity - this.#shards.length;
      this.#chunk = freshBytes(Math.max(Math.min(left * length, CHUNK_MAX), length));
      this.#used = 0;
    }
    const view = new Uint8Array(this.#chunk.buffer, this.#used, length);
    this.#used += length;
    return view;
  }
}
