// The receiving half of a conversation: what came, what is to be acknowledged (kcp-go kcp.go, ack_push; flush phase 1), and what the
// peer is to know of the window.

import { viewOf } from '../../bytes/int.ts';
import type { PacketWriter } from './packet-writer.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { SEGMENT_HEADER } from './segment.ts';
import { serialDiff } from './serial.ts';
import type { Tunables } from './tunables.ts';
import { WindowNews } from './window-news.ts';

export class Receiver {
  readonly buffer: ReceiveBuffer;
  /** When the peer is told of our window. */
  readonly news = new WindowNews();
  /** The timestamp of the new data that came last, and when that was; undefined while there was none. */
  dataTs = 0;
  dataAt: number | undefined;
  readonly #tunables: Readonly<Tunables>;
  /** Acks that wait for the next flush: sn and ts in turn. */
  readonly #acks: number[] = [];

  constructor(initialSn: number, tunables: Readonly<Tunables>) {
    this.buffer = new ReceiveBuffer(initialSn);
    this.#tunables = tunables;
  }

  /** Free receive window as told to the peer, in segments. */
  get wnd(): number {
    return Math.max(this.#tunables.receiveWindow - this.buffer.unread, 0);
  }

  /** Acks that wait for the next flush. */
  get acks(): number {
    return this.#acks.length / 2;
  }

  /** Writes the acks but those below `nxt`, which una acknowledges; the last in any case, for its timestamp. */
  writeAcks(writer: PacketWriter): void {
    const acks = this.#acks;
    for (let i = 0; i < acks.length; i += 2) {
      const sn = acks[i] as number;
      const isLast = i + 2 === acks.length;
      if (isLast || serialDiff(sn, this.buffer.nxt) >= 0) writer.writeAck(sn, acks[i + 1] as number);
    }
    acks.length = 0;
  }

  /** Takes in the data segment at `offset` of `packet`. Returns whether it was new. For `regular` see `ControlBlock.input`. */
  push(packet: Uint8Array, offset: number, sn: number, ts: number, length: number, regular: boolean): boolean {
    const { receiveWindow } = this.#tunables;
    const ahead = serialDiff(sn, this.buffer.nxt);
    if (ahead >= receiveWindow) return false;
    const size = SEGMENT_HEADER + length;
    const isNew = ahead >= 0 && this.buffer.store(sn, packet.length === size ? packet : viewOf(packet, offset, size));
    if (isNew) {
      this.buffer.advance(receiveWindow);
      this.news.arrived();
    }
    // What was rebuilt and is here already says when it was first sent: too long ago to be a round trip.
    if (regular || isNew) this.#acks.push(sn, ts);
    return isNew;
  }

  /** The next message, which there must be. For `joined` see `ReceiveBuffer`. */
  read(joined: number): Uint8Array {
    const wasFull = this.wnd === 0;
    const message = this.buffer.read(joined);
    this.opened(wasFull);
    return message;
  }

  /** There may be more room than before, when the window was full or not: it is used, and the peer is to know. */
  opened(wasFull: boolean): void {
    this.buffer.advance(this.#tunables.receiveWindow);
    if (wasFull && this.wnd > 0) this.news.opened();
  }
}
