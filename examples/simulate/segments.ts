// What of a datagram a time–sequence diagram shows: its KCP segments.

/** A KCP segment, as far as it is shown. */
export interface Segment {
  readonly cmd: number;
  readonly sn: number;
  /** When it was sent; on an ack, when what it acknowledges was. */
  readonly ts: number;
  /** All before it have arrived. */
  readonly una: number;
}

export const PUSH = 81;
export const ACK = 82;

const HEADER = 24;
/** Bytes in front of a packet in an FEC datagram of data. */
const FEC_HEADER = 8;

/** The packet in an FEC datagram of data, and any other datagram as it is. */
export function packetOf(datagram: Uint8Array): Uint8Array {
  return datagram[4] === 0xf1 && datagram[5] === 0 ? datagram.subarray(FEC_HEADER) : datagram;
}

/** The segments of a packet: none where it is something else. */
export function segmentsOf(packet: Uint8Array): Segment[] {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const segments: Segment[] = [];
  for (let at = 0; at + HEADER <= packet.length; at += HEADER + view.getUint32(at + 20, true)) {
    const cmd = view.getUint8(at + 4);
    if (cmd < PUSH || cmd > 84) break;
    segments.push({
      cmd,
      ts: view.getUint32(at + 8, true),
      sn: view.getUint32(at + 12, true),
      una: view.getUint32(at + 16, true),
    });
  }
  return segments;
}
