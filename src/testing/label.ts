// A packet in words, for marbles and for failures that a reader can read.

import { readInt32, readUint16 } from '../bytes/int.ts';
import { FEC_HEADER, FEC_OVERHEAD, fecTypeOf, packetIn, seqidOf, TYPE_DATA, TYPE_PARITY } from '../core/fec/header.ts';
import { ACK, PUSH, SEGMENT_HEADER, WASK, WINS } from '../core/kcp/segment.ts';

/** A field of a KCP segment: sequence number, fragments to come, next one expected, free window, timestamp, bytes of data. */
export type LabelField = 'sn' | 'frg' | 'una' | 'wnd' | 'ts' | 'len';

const COMMANDS: Readonly<Record<number, string>> = { [PUSH]: 'PUSH', [ACK]: 'ACK', [WASK]: 'WASK', [WINS]: 'WINS' };

/** Offset of each field in a segment; lengths: frg 1 byte, wnd 2, all others 4. */
const OFFSETS: Readonly<Record<LabelField, number>> = { frg: 5, wnd: 6, ts: 8, sn: 12, una: 16, len: 20 };

/**
 * Makes a {@link label} that names the given fields of each segment, in the given order.
 *
 * @example
 * burst$.pipe(map((burst) => burst.map(labeller('sn')).join(' | ')))   // 'PUSH sn=3, ACK sn=7 | PUSH sn=4'
 */
export function labeller(...fields: readonly LabelField[]): (packet: Uint8Array) => string {
  const kcp = (packet: Uint8Array): string => {
    const segments: string[] = [];
    let offset = 0;
    while (packet.length - offset >= SEGMENT_HEADER) {
      const cmd = packet[offset + 4] as number;
      const name = COMMANDS[cmd];
      if (name === undefined) break;
      const length = fieldOf(packet, offset, 'len');
      const words = fields.map((field) => `${field}=${fieldOf(packet, offset, field)}`);
      const left = packet.length - offset - SEGMENT_HEADER;
      segments.push([name, ...words, ...(length > left ? [`(cut off after ${left})`] : [])].join(' '));
      offset += SEGMENT_HEADER + Math.min(length, left);
    }
    if (offset < packet.length || offset === 0) segments.push(`${packet.length - offset} bytes`);
    return segments.join(', ');
  };
  return (packet) => {
    const type = fecTypeOf(packet);
    if (type === undefined) return kcp(packet);
    const seqid = seqidOf(packet);
    if (type === TYPE_PARITY) return `PARITY seqid=${seqid} len=${packet.length - FEC_HEADER}`;
    const size = packet.length < FEC_OVERHEAD ? 0 : readUint16(packet, FEC_HEADER);
    // The size counts itself.
    if (size < 2 || size + FEC_HEADER > packet.length)
      return `FEC seqid=${seqid} (size ${size} of ${packet.length} bytes)`;
    const content = packetIn(packet).subarray(0, size - 2);
    if (type === TYPE_DATA) return `DATA seqid=${seqid} [${kcp(content)}]`;
    if (content.length < 4) return `OOB (${content.length} bytes)`;
    return `OOB conv=${readInt32(content, 0) >>> 0} len=${content.length - 4}`;
  };
}

/**
 * A packet in words: each segment of a KCP packet as `PUSH sn=3 frg=0 una=2 wnd=128 len=5`, joined by `, `. With FEC
 * around it: `DATA seqid=0 [PUSH …]`, `PARITY seqid=10 len=31`, `OOB conv=1 len=5`. What is none of these, such as a
 * sealed datagram: `47 bytes`. Never throws.
 */
export const label: (packet: Uint8Array) => string = labeller('sn', 'frg', 'una', 'wnd', 'len');

function fieldOf(packet: Uint8Array, segment: number, field: LabelField): number {
  const at = segment + OFFSETS[field];
  if (field === 'frg') return packet[at] as number;
  return field === 'wnd' ? readUint16(packet, at) : readInt32(packet, at) >>> 0;
}
