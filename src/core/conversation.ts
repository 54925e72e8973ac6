// Whose a datagram is, whichever of FEC's and KCP's framings it comes in (kcp-go sess.go,
// Listener.packetInput).
//
// Parity shows its conversation, too, at the same place as data. Each byte of a parity shard is the
// value of the polynomial through the bytes at that place in the data shards of its group. All of
// these belong to one conversation, so its four bytes are the same in each of them, and a constant
// polynomial has the same value everywhere: every row of the code's matrix sums to 1. Data shards
// have at least 24 bytes there, so none is padded.

import { readInt32 } from '../bytes/int.ts';
import {
  FEC_OVERHEAD,
  type FecType,
  fecTypeOf,
  OOB_CONV,
  packetIn,
  TYPE_DATA,
  TYPE_OOB,
  TYPE_PARITY,
} from './fec/header.ts';
import { CMD_OFFSET, LEN_OFFSET, PUSH, SEGMENT_HEADER, WINS } from './kcp/segment.ts';

/** Bytes of a datagram in FEC's framing that carries a segment. */
const DATA_LEAST = FEC_OVERHEAD + SEGMENT_HEADER;
/** Bytes of a datagram in FEC's framing that shows its conversation. */
const CONV_LEAST = FEC_OVERHEAD + OOB_CONV;

/** Whether a datagram carries parity only. */
export function isParity(datagram: Uint8Array): boolean {
  return fecTypeOf(datagram) === TYPE_PARITY;
}

/** Whether a datagram came out of band. */
export function isOutOfBand(datagram: Uint8Array): boolean {
  return fecTypeOf(datagram) === TYPE_OOB;
}

/** The conversation of a datagram, as an int32; undefined for a datagram too short to have any. */
export function convOf(datagram: Uint8Array, type: FecType | undefined = fecTypeOf(datagram)): number | undefined {
  if (type === undefined) return datagram.length < SEGMENT_HEADER ? undefined : readInt32(datagram, 0);
  return datagram.length < (type === TYPE_DATA ? DATA_LEAST : CONV_LEAST)
    ? undefined
    : readInt32(datagram, FEC_OVERHEAD);
}

/** The KCP packet in a datagram that is not parity, nor out of band. */
export function kcpPacketIn(datagram: Uint8Array): Uint8Array {
  return fecTypeOf(datagram) === TYPE_DATA ? packetIn(datagram) : datagram;
}

/**
 * Whether `packet` begins with a segment of the conversation `conv` (an int32), and consists of
 * whole segments of it. Like kcp-go, this ignores a rest too short for a header.
 */
export function isPacketOf(packet: Uint8Array, conv: number): boolean {
  let offset = 0;
  do {
    const room = packet.length - offset - SEGMENT_HEADER;
    if (room < 0 || readInt32(packet, offset) !== conv) return false;
    const cmd = packet[offset + CMD_OFFSET] as number;
    const length = readInt32(packet, offset + LEN_OFFSET);
    if (cmd < PUSH || cmd > WINS || length < 0 || length > room) return false;
    offset += SEGMENT_HEADER + length;
  } while (packet.length - offset >= SEGMENT_HEADER);
  return true;
}
