// Puts the segments of one flush into packets of at most MTU bytes (kcp-go kcp.go, flush: makeSpace, flushBuffer).
//
// A segment that has a packet to itself goes out in the memory that `SendBuffer.append` copied it to: its payload
// is copied once on its way from the application to the wire. Only segments that share a packet, and
// retransmissions (the first transmission may still be held by someone), are copied again.
//
// A packet may have headroom: bytes in front of it, of any content, in which the layer below writes its header instead of
// copying the packet behind one.

import { offerHeadroom } from '../../bytes/burst.ts';
import { packetSlab } from '../../bytes/slab.ts';
import { PUSH, SEGMENT_HEADER, writeHeader } from './segment.ts';
import type { OutgoingSegment } from './send-buffer.ts';
import { controlKind, type TraceEvent, type Tracer } from './trace.ts';

export class PacketWriter {
  /** Largest packet in bytes. */
  mtu: number;
  /** Bytes of headroom: 0 or HEADROOM. */
  headroom = 0;
  /** Segments written since the last `takeBurst`. */
  segments = 0;
  /** Told of every segment written. */
  tracer: Tracer | undefined;
  readonly #conv: number;
  #wnd = 0;
  #una = 0;
  /** Bytes of the packet being written; they stand at the slab's offset, or in `#lone`. */
  #used = 0;
  #lone: Uint8Array | undefined;
  #burst: Uint8Array[] = [];

  constructor(conv: number, mtu: number) {
    this.#conv = conv;
    this.mtu = mtu;
  }

  /** Every segment written from here on carries this free window and una. */
  begin(wnd: number, una: number): void {
    this.#wnd = wnd;
    this.#una = una;
  }

  /** Writes a segment without data: an ack or a window command. */
  writeControl(cmd: number, sn: number, ts: number): void {
    this.#makeRoom(SEGMENT_HEADER);
    writeHeader(packetSlab.bytes, packetSlab.offset + this.#used, this.#conv, cmd, 0, this.#wnd, ts, sn, this.#una, 0);
    this.#used += SEGMENT_HEADER;
    this.segments++;
    if (this.tracer !== undefined) this.tracer(this.#controlWritten(cmd, sn, ts));
  }

  /** Writes a data segment; `first` when no packet carried it before. */
  writePush(segment: OutgoingSegment, first: boolean): void {
    const { packet } = segment;
    if (this.#used > 0 && !this.#fits(packet.length)) this.close();
    if (first && this.#used === 0) {
      this.#lone = packet;
      this.#writePushHeader(segment, packet, 0);
    } else {
      this.#makeRoom(packet.length);
      const offset = packetSlab.offset + this.#used;
      packetSlab.bytes.set(packet, offset);
      this.#writePushHeader(segment, packetSlab.bytes, offset);
    }
    this.#used += packet.length;
    this.segments++;
    if (this.tracer !== undefined) this.tracer(this.#pushWritten(segment));
  }

  /** Adds a segment that was sent before to the packet being written, as of `now`, if there is room. */
  addRepeat(segment: OutgoingSegment, now: number): boolean {
    if (this.#used === 0 || !this.#fits(segment.packet.length)) return false;
    segment.ts = now;
    this.writePush(segment, false);
    return true;
  }

  /** Ends the packet being written, if there is one. */
  close(): void {
    if (this.#used === 0) return;
    this.#burst.push(this.#lone ?? packetSlab.take(this.#used));
    this.#lone = undefined;
    this.#used = 0;
  }

  /** Packets begun since the last `takeBurst`. */
  get packets(): number {
    return this.#burst.length + (this.#used > 0 ? 1 : 0);
  }

  get hasBurst(): boolean {
    return this.#burst.length > 0;
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
    return this.#used + length <= this.mtu;
  }

  #makeRoom(length: number): void {
    if (this.#used > 0 && !this.#fits(length)) this.close();
    if (this.#used > 0 && this.#lone === undefined) return;
    // A segment cut for a larger MTU than today's still goes out whole, as in kcp-go.
    packetSlab.reserve(this.headroom + Math.max(this.mtu, length));
    packetSlab.offset += this.headroom;
    if (this.#lone === undefined) return;
    packetSlab.bytes.set(this.#lone, packetSlab.offset);
    this.#lone = undefined;
  }

  #controlWritten(cmd: number, sn: number, ts: number): TraceEvent {
    const conv = this.#conv >>> 0;
    return { kind: controlKind(cmd), conv, sn: sn >>> 0, una: this.#una >>> 0, wnd: this.#wnd, ts: ts >>> 0 };
  }

  #pushWritten({ sn, frg, ts, transmissions, packet }: OutgoingSegment): TraceEvent {
    return {
      kind: 'out-push',
      conv: this.#conv >>> 0,
      sn: sn >>> 0,
      frg,
      una: this.#una >>> 0,
      ts: ts >>> 0,
      xmit: transmissions,
      datalen: packet.length - SEGMENT_HEADER,
    };
  }

  #writePushHeader(segment: OutgoingSegment, bytes: Uint8Array, offset: number): void {
    writeHeader(
      bytes,
      offset,
      this.#conv,
      PUSH,
      segment.frg,
      this.#wnd,
      segment.ts,
      segment.sn,
      this.#una,
      segment.packet.length - SEGMENT_HEADER,
    );
  }
}
