// The FEC header (kcp-go fec.go, fecPacket, sealData, sealParity, sealOOB).
//
//  0 seqid u32 | 4 type u16 | 6 shard: what is FEC-coded
//                            6 size u16 | 8 packet[size - 2]   in a data shard, and out of band
//
// At offset 4 a bare KCP packet has its cmd, 81 … 84: the type tells which of the two a packet is.

import { readInt32, readUint16, viewOf, writeInt32 } from '../../bytes/int.ts';

/** Bytes in front of a shard. */
export const FEC_HEADER = 6;
/** Bytes in front of the packet in a data shard: what FEC takes off the MTU. */
export const FEC_OVERHEAD = 8;

export const TYPE_DATA = 0xf1;
export const TYPE_PARITY = 0xf2;
export const TYPE_OOB = 0xf3;

/** Bytes of the conversation in front of an out-of-band payload. */
export const OOB_CONV = 4;

/** The seqid of kcp-go's out-of-band datagrams, which belong to no group. Ours count up to it (out-of-band.ts). */
export const OOB_SEQID = 0xffff_ffff;

export type FecType = typeof TYPE_DATA | typeof TYPE_PARITY | typeof TYPE_OOB;

/** The type of an FEC packet; undefined for any other packet. */
export function fecTypeOf(packet: Uint8Array): FecType | undefined {
  if (packet.length < FEC_HEADER || packet[5] !== 0) return undefined;
  const type = packet[4];
  return type === TYPE_DATA || type === TYPE_PARITY || type === TYPE_OOB ? type : undefined;
}

/** 0 … 2^32 − 1. */
export function seqidOf(packet: Uint8Array): number {
  return readInt32(packet, 0) >>> 0;
}

/** Bytes that the size field of a shard claims, itself included. */
export function sizeOf(shard: Uint8Array): number {
  return readUint16(shard, 0);
}

/** A view of the packet in a data shard, or out of band, as it came: the size field matters to a rebuilt one only. */
export function packetIn(fecPacket: Uint8Array): Uint8Array {
  return viewOf(fecPacket, FEC_OVERHEAD, fecPacket.length - FEC_OVERHEAD);
}

/** A view of what is FEC-coded. */
export function shardIn(fecPacket: Uint8Array): Uint8Array {
  return viewOf(fecPacket, FEC_HEADER, fecPacket.length - FEC_HEADER);
}

export function writeFecHeader(packet: Uint8Array, seqid: number, type: number): void {
  writeInt32(packet, 0, seqid);
  packet[4] = type;
  packet[5] = type >>> 8;
}

/** The size field of a packet that fills all of `fecPacket` behind it. */
export function writeSize(fecPacket: Uint8Array): void {
  const size = fecPacket.length - FEC_HEADER;
  fecPacket[FEC_HEADER] = size;
  fecPacket[FEC_HEADER + 1] = size >>> 8;
}
