// Whose a datagram is, whichever of FEC's and KCP's framings it comes in (kcp-go sess.go, Listener.packetInput).

import { readInt32 } from '../bytes/int.ts';
import { FEC_OVERHEAD, fecTypeOf, OOB_CONV, packetIn, TYPE_DATA, TYPE_OOB, TYPE_PARITY } from './fec/header.ts';
import { SEGMENT_HEADER } from './kcp/segment.ts';

/** Whether a datagram carries parity only, and says nothing of its conversation. */
export function isParity(datagram: Uint8Array): boolean {
  return fecTypeOf(datagram) === TYPE_PARITY;
}

/** Whether a datagram came out of band. */
export function isOutOfBand(datagram: Uint8Array): boolean {
  return fecTypeOf(datagram) === TYPE_OOB;
}

/** The conversation of a datagram, as an int32; undefined for parity, and for what is too short to have any. */
export function convOf(datagram: Uint8Array): number | undefined {
  const type = fecTypeOf(datagram);
  if (type === TYPE_PARITY) return undefined;
  const at = type === undefined ? 0 : FEC_OVERHEAD;
  const rest = type === TYPE_OOB ? OOB_CONV : SEGMENT_HEADER;
  return datagram.length < at + rest ? undefined : readInt32(datagram, at);
}

/** The KCP packet in a datagram that is not parity, nor out of band. */
export function kcpPacketIn(datagram: Uint8Array): Uint8Array {
  return fecTypeOf(datagram) === TYPE_DATA ? packetIn(datagram) : datagram;
}
