// Streams of FEC packets that are to cost their receiver as much as possible, and an honest one to compare with.

import { FEC_HEADER, FEC_OVERHEAD, TYPE_DATA, TYPE_PARITY, writeFecHeader } from '../../../src/core/fec/header.ts';
import { CMD_OFFSET, PUSH, SEGMENT_HEADER } from '../../../src/core/kcp/segment.ts';
import { integer, seeded } from '../../support/random.ts';

/** A stream of FEC packets. */
export interface FecStream {
  readonly name: string;
  /** The datagram `i` of the stream, for the conversation `conv`: 1400 bytes, of one kind or the other. */
  datagram(i: number, conv: number): Uint8Array;
}

const DATAGRAM_BYTES = 1400;
/** A multiple of all lengths up to 16, and of many more. */
const MANY_LENGTHS = 720_720;
const PRIMES = [
  131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239, 241, 251,
];

/** A shard that is of the conversation, as far as its place shows. The segment in it lies below every window. */
function shard(seqid: number, isData: boolean, conv: number, fill: number): Uint8Array {
  const packet = new Uint8Array(DATAGRAM_BYTES).fill(fill);
  writeFecHeader(packet, seqid, isData ? TYPE_DATA : TYPE_PARITY);
  const view = new DataView(packet.buffer);
  view.setUint16(FEC_HEADER, DATAGRAM_BYTES - FEC_HEADER, true);
  view.setUint32(FEC_OVERHEAD, conv, true);
  packet.fill(0, FEC_OVERHEAD + 4, FEC_OVERHEAD + SEGMENT_HEADER);
  packet[FEC_OVERHEAD + CMD_OFFSET] = PUSH;
  view.setInt32(FEC_OVERHEAD + 12, -1, true);
  view.setUint32(FEC_OVERHEAD + 20, DATAGRAM_BYTES - FEC_OVERHEAD - SEGMENT_HEADER, true);
  return packet;
}

/** What a stream claims of its datagram `i`. */
type Claim = (i: number) => readonly [seqid: number, isData: boolean];

function stream(name: string, claim: Claim): FecStream {
  return { name, datagram: (i, conv) => shard(...claim(i), conv, i) };
}

/** Places of a group of 256 of which half is sent: nearly all of it parity, in another choice for each group. */
function halfOf(group: number): readonly number[] {
  const random = seeded(group);
  const left = Array.from({ length: 128 }, (_, i) => 128 + i);
  left.splice(integer(random, 0, 127), 1);
  return [integer(random, 0, 127), ...left];
}

export const HOSTILE_STREAMS: readonly FecStream[] = [
  stream('contradictions where many shapes are possible', (i) => {
    const place = i % 1024;
    return [MANY_LENGTHS - 512 + place, place !== 511];
  }),
  stream('seqids and types by chance', (i) => {
    const random = seeded(i);
    return [Math.floor(random() * 2 ** 32), random() < 0.5];
  }),
  stream('groups of 256 of which half is missing', (i) => {
    // Two whole groups prove the shape.
    if (i < 512) return [i, i % 256 < 128];
    const group = 2 + Math.floor((i - 512) / 128);
    const place = halfOf(group)[(i - 512) % 128] as number;
    return [group * 256 + place, place < 128];
  }),
  stream('another shape every few datagrams', (i) => {
    const round = i >> 3;
    const length = PRIMES[round % PRIMES.length] as number;
    const data = 1 + (round % (length - 1));
    const begin = length * (1 + (round % 1000));
    const places = [-1, 0, data - 1, data, length - 1, length, length + data - 1, length + data];
    const place = places[i & 7] as number;
    return [begin + place, (place + length) % length < data];
  }),
  stream('jumps between two far places', (i) => {
    const place = i >> 1;
    return [(i & 1) * 0x7000_0000 + place, place % 13 < 10];
  }),
];

/** FEC 10/3, and the second packet of each group is lost. */
export const HONEST_STREAM = stream('honest', (i) => {
  const place = i % 12;
  const seqid = 13 * Math.floor(i / 12) + (place === 0 ? 0 : place + 1);
  return [seqid, seqid % 13 < 10];
});
