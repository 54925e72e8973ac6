// The sending half of FEC (kcp-go fec.go, fecEncoder): numbers packets, and adds parity to each group of them.

import { viewOf } from '../../bytes/int.ts';
import { Slab } from '../../bytes/slab.ts';
import { type Codec, codecs } from './codec.ts';
import { FEC_HEADER, FEC_OVERHEAD, TYPE_DATA, TYPE_PARITY, writeFecHeader, writeSize } from './header.ts';
import { type FecShape, seqidEnd } from './shape.ts';

/** ms between the last two packets of a group from which on its parity would come too late to be of use (maxFECEncodeLatency). */
const CONTINUITY_MS = 500;

/** Datagrams that are made here: one for the process. */
const datagramSlab = /* @__PURE__ */ new Slab();

/** Numbers packets, and adds parity to each group of them. For one peer. */
export class FecEncoder {
  readonly #codec: Codec;
  readonly #end: number;
  #seqid: number;
  /** Datagrams of the group so far: those of the latest burst, and copies of those of bursts before. */
  readonly #datagrams: Uint8Array[] = [];
  /** How many of them are copies. */
  #owned = 0;
  #longest = 0;
  #lastAt = -Infinity;

  /**
   * @param shape checked by the caller.
   * @param firstSeqid of a group's first shard, for tests of the wrap-around; 0 on the wire.
   */
  constructor(shape: FecShape, firstSeqid = 0) {
    this.#codec = codecs.of(shape.data, shape.parity);
    this.#end = seqidEnd(shape);
    this.#seqid = firstSeqid;
  }

  /**
   * Adds `packet` to `output`, as a data shard, and the parity of its group if it is the group's last.
   *
   * @param hasHeadroom whether FEC_OVERHEAD bytes in front of the packet are free: then the header is written there, and the packet's
   * memory becomes the datagram's. Else the packet is copied.
   */
  encode(packet: Uint8Array, now: number, output: Uint8Array[], hasHeadroom = false): void {
    const datagram = hasHeadroom ? withHeadroom(packet) : behindHeadroom(packet);
    writeSize(datagram);
    output.push(this.#numbered(datagram, TYPE_DATA));
    this.#longest = Math.max(this.#longest, datagram.length);
    if (this.#datagrams.push(datagram) === this.#codec.data) {
      if (now - this.#lastAt < CONTINUITY_MS) this.#addParity(output);
      // Numbers of parity that is not sent are not used for anything else: places in a group stay what they are.
      else this.#seqid = (this.#seqid + this.#codec.parity) % this.#end;
      this.#datagrams.length = this.#owned = this.#longest = 0;
    }
    this.#lastAt = now;
  }

  /**
   * Copies the datagrams of an incomplete group that came since the last call. Their owner may then write to them, and a group that fills
   * slowly keeps no other memory alive.
   */
  copyBorrowed(): void {
    for (; this.#owned < this.#datagrams.length; this.#owned++) {
      this.#datagrams[this.#owned] = new Uint8Array(this.#datagrams[this.#owned] as Uint8Array);
    }
  }

  #addParity(output: Uint8Array[]): void {
    const parity: Uint8Array[] = [];
    for (let i = 0; i < this.#codec.parity; i++) {
      datagramSlab.reserve(this.#longest);
      const packet = datagramSlab.take(this.#longest);
      output.push(this.#numbered(packet, TYPE_PARITY));
      parity.push(packet);
    }
    this.#codec.encode(this.#datagrams, parity, FEC_HEADER);
  }

  #numbered(packet: Uint8Array, type: number): Uint8Array {
    writeFecHeader(packet, this.#seqid, type);
    this.#seqid = (this.#seqid + 1) % this.#end;
    return packet;
  }
}

/** `packet` and the headroom in front of it. */
function withHeadroom(packet: Uint8Array): Uint8Array {
  return viewOf(packet, -FEC_OVERHEAD, FEC_OVERHEAD + packet.length);
}

/** A copy of `packet` behind as many bytes. */
function behindHeadroom(packet: Uint8Array): Uint8Array {
  const length = FEC_OVERHEAD + packet.length;
  datagramSlab.reserve(length);
  const datagram = datagramSlab.take(length);
  datagram.set(packet, FEC_OVERHEAD);
  return datagram;
}
