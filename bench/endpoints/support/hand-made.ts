// A client of an echo server made by hand: a socket, and just enough of KCP that ten thousand of them take little from the machine
// whose server is measured. It acknowledges at once, takes what comes in any order, and knows no windows and no round trips.

import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { readInt32 } from '../../../src/bytes/int.ts';
import {
  ACK,
  CMD_OFFSET,
  LEN_OFFSET,
  PUSH,
  SEGMENT_HEADER,
  SN_OFFSET,
  TS_OFFSET,
  UNA_OFFSET,
} from '../../../src/core/kcp/segment.ts';
import { writeHeader } from '../../../src/core/kcp/segment-header.ts';

const WINDOW = 128;
/** ms until what has not arrived is sent again. */
const RTO = 200;

/** Opens a client's socket. */
export function openClient(
  host: string,
  port: number,
  echoed: (sn: number) => void,
  failed: (error: Error) => void,
): Promise<HandMadeClient> {
  const socket = createSocket('udp4').on('error', failed);
  return new Promise((resolve) => socket.connect(port, host, () => resolve(new HandMadeClient(socket, echoed))));
}

export class HandMadeClient {
  readonly #conv = randomBytes(4).readInt32LE();
  readonly #socket: Socket;
  readonly #echoed: (sn: number) => void;
  /** Messages sent, by sequence number: bytes, and ms when it was last sent. */
  readonly #sent: { readonly length: number; at: number }[] = [];
  /** The first own message that has not arrived. */
  #acknowledged = 0;
  /** Of theirs, the first that has not come, and what has come beyond it. */
  #expected = 0;
  readonly #early = new Set<number>();

  /** @param echoed is told once of each message that has come back, by its number: they come back whole. */
  constructor(socket: Socket, echoed: (sn: number) => void) {
    this.#socket = socket;
    this.#echoed = echoed;
    socket.on('message', (packet) => this.#input(packet));
  }

  /** Sends the next message. */
  send(length: number): void {
    this.#push(this.#sent.push({ length, at: 0 }) - 1);
  }

  /** Sends the first message that has not arrived again, if it left some time ago. */
  resend(): void {
    const first = this.#sent[this.#acknowledged];
    if (first !== undefined && performance.now() - first.at > RTO) this.#push(this.#acknowledged);
  }

  #push(sn: number): void {
    const message = this.#sent[sn] as { readonly length: number; at: number };
    message.at = performance.now();
    const { length } = message;
    const packet = new Uint8Array(SEGMENT_HEADER + length);
    writeHeader(new DataView(packet.buffer), 0, this.#conv, PUSH, 0, WINDOW, 0, sn, this.#expected, length);
    this.#socket.send(packet);
  }

  #input(packet: Uint8Array): void {
    for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
      const sn = readInt32(packet, offset + SN_OFFSET);
      this.#acknowledged = Math.max(this.#acknowledged, readInt32(packet, offset + UNA_OFFSET));
      if (packet[offset + CMD_OFFSET] === PUSH) this.#take(sn, readInt32(packet, offset + TS_OFFSET));
      offset += SEGMENT_HEADER + readInt32(packet, offset + LEN_OFFSET);
    }
  }

  #take(sn: number, ts: number): void {
    if (sn >= this.#expected && !this.#early.has(sn)) {
      this.#echoed(sn);
      this.#early.add(sn);
      while (this.#early.delete(this.#expected)) this.#expected++;
    }
    const ack = new Uint8Array(SEGMENT_HEADER);
    writeHeader(new DataView(ack.buffer), 0, this.#conv, ACK, 0, WINDOW, ts, sn, this.#expected, 0);
    this.#socket.send(ack);
  }
}
