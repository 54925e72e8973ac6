// Puts the segments of one flush into packets of at most MTU bytes (kcp-go kcp.go, flush: makeSpace, flushBuffer).
//
// A segment that has a packet to itself goes out in the memory that `SendBuffer.append` copied it to: its payload
// is copied once on its way from the application to the wire. Only segments that share a packet, and
// retransmissions (the first transmission may still be held by someone), are copied again.
//
// A packet may have headroom: bytes in front of it, of any content, in which the layer below writes its header instead of
// copying the packet behind one.

import { offerHeadroom } from '../../bytes/burst.ts';
import { writeInt32 } from '../../bytes/int.ts';
import { packetSlab } from '../../bytes/slab.ts';
import type { OutgoingSegment } from './outgoing-segment.ts';
import { ACK, SEGMENT_HEADER, TS_OFFSET, UNA_OFFSET, WND_OFFSET } from './segment.ts';
import { writeHeader } from './segment-header.ts';
import { segmentWritten, type Tracer } from './trace.ts';

export class PacketWriter {
  /** Bytes of headroom: 0 or HEADROOM. */
  headroom = 0;
  /** Segments written since this was last set to 0. */
  segments = 0;
  /** Told of every segment written. */
  tracer: Tracer | undefined;
  /** `frg` of acks, and of window commands that carry no words. */
  wordless = 0;
  readonly #conv: number;
  readonly #tunables: { readonly mtu: number };
  #wnd = 0;
  #una = 0;
  /** Of the ack written last: window commands of the same flush have none and carry these. 0 without an ack. */
  #ackSn = 0;
  #ackTs = 0;
  /** Bytes of the packet being written; they stand at the slab's offset, or in `#lone`. */
  #used = 0;
  #lone: Uint8Array | undefined;
  #burst: Uint8Array[] = [];

  constructor(conv: number, tunables: { readonly mtu: number }) {
    this.#conv = conv;
    this.#tunables = tunables;
  }

  /** Every segment written from here on carries this free window and una. */
  begin(wnd: number, una: number): void {
    this.#wnd = wnd;
    this.#una = una;
    this.#ackSn = this.#ackTs = 0;
  }

  /** Writes an ack of segment `sn`, which was sent at `ts` of the peer's clock. */
  writeAck(sn: number, ts: number): void {
    this.#ackSn = sn;
    this.#ackTs = ts;
    this.control(ACK);
  }

  /** Writes a segment without data: a window command. For what a WINS may carry see `Farewell`. */
  control(cmd: number, frg = this.wordless, sn = this.#ackSn, ts = this.#ackTs): void {
    const offset = this.#makeRoom(SEGMENT_HEADER);
    writeHeader(packetSlab.view, offset, this.#conv, cmd, frg, this.#wnd, ts, sn, this.#una, 0);
    this.#written(packetSlab.bytes, offset, SEGMENT_HEADER, 0);
  }

  /** Writes a data segment; `first` when no packet carried it before. */
  writePush({ packet, ts, xmit }: Pick<OutgoingSegment, 'packet' | 'ts' | 'xmit'>, first: boolean): void {
    const { length } = packet;
    if (!this.#fits(length)) this.close();
    let bytes = packet;
    let offset = 0;
    if (first && this.#used === 0) {
      this.#lone = packet;
    } else {
      offset = this.#makeRoom(length);
      bytes = packetSlab.bytes;
      bytes.set(packet, offset);
    }
    bytes[offset + WND_OFFSET] = this.#wnd;
    bytes[offset + WND_OFFSET + 1] = this.#wnd >>> 8;
    writeInt32(bytes, offset + TS_OFFSET, ts);
    writeInt32(bytes, offset + UNA_OFFSET, this.#una);
    this.#written(bytes, offset, length, xmit);
  }

  /** Whether there is a packet being written, and it has room for `segment`. */
  hasRoomFor(segment: OutgoingSegment): boolean {
    return this.#used > 0 && this.#fits(segment.packet.length);
  }

  /** Ends the packet being written, if there is one. */
  close(): void {
    if (this.#used === 0) return;
    // By place: `push` would be a call of V8's here.
    const burst = this.#burst;
    burst[burst.length] = this.#lone ?? packetSlab.take(this.#used);
    this.#lone = undefined;
    this.#used = 0;
  }

  /** Packets begun since the last `takeBurst`; between flushes, those that can be taken. */
  get packets(): number {
    return this.#burst.length + (this.#used > 0 ? 1 : 0);
  }

  /**
   * The packets ended since the last call, each behind its headroom. They stay as they are; in a conversation that
   * `sendsInOrder`, until the peer has acknowledged what is in them.
   */
  takeBurst(): Uint8Array[] {
    const burst = this.#burst;
    this.#burst = [];
    return this.headroom === 0 ? burst : offerHeadroom(burst);
  }

  /** Whether the packet being written has room for so many bytes more. */
  #fits(length: number): boolean {
    return this.#used + length <= this.#tunables.mtu;
  }

  /** Where the next `length` bytes go in the slab: behind the packet being written, or else in the next one. */
  #makeRoom(length: number): number {
    if (!this.#fits(length)) this.close();
    if (this.#used === 0 || this.#lone) {
      // A segment cut for a larger MTU than today's still goes out whole, as in kcp-go.
      packetSlab.reserve(this.headroom + Math.max(this.#tunables.mtu, length));
      packetSlab.offset += this.headroom;
      if (this.#lone) packetSlab.bytes.set(this.#lone, packetSlab.offset);
      this.#lone = undefined;
    }
    return packetSlab.offset + this.#used;
  }

  /** Counts the segment of `length` bytes that was written at `offset`. */
  #written(bytes: Uint8Array, offset: number, length: number, xmit: number): void {
    this.#used += length;
    this.segments++;
    this.tracer?.(segmentWritten(bytes, offset, xmit));
  }
}
