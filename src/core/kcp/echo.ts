// A question that every KCP peer answers. A PUSH below a peer's window is acknowledged with its timestamp untouched, and its payload is dropped
// (kcp-go kcp.go, Input and ack_push; ikcp.c, ikcp_input). So 32 chosen bits in `ts` come back from the program that receives them there, and from
// no other: a challenge. Its `wnd` and `una` are true, for peers take them.

import { readInt32 } from '../../bytes/int.ts';
import { packetSlab } from '../../bytes/slab.ts';
import { ACK, CMD_OFFSET, LEN_OFFSET, PUSH, SEGMENT_HEADER, SN_OFFSET, TS_OFFSET } from './segment.ts';
import { writeHeader } from './segment-header.ts';

/** What both ends of a conversation have received, and how much more this one takes. */
export interface Standing {
  /** The sn that the peer expects next. */
  readonly peerNxt: number;
  /** The sn that this end expects next. */
  readonly nxt: number;
  /** Free receive window of this end, in segments. */
  readonly window: number;
}

/** A packet that asks the peer of `conv` to say `question`, any 32 bits, in return. */
export function challengeOf(conv: number, question: number, { peerNxt, nxt, window }: Standing): Uint8Array {
  // (A buffer for each took longer than all else, when a server is flooded.)
  packetSlab.reserve(SEGMENT_HEADER);
  writeHeader(packetSlab.view, packetSlab.offset, conv, PUSH, 0, window, question, (peerNxt - 1) | 0, nxt, 0);
  return packetSlab.take(SEGMENT_HEADER);
}

/**
 * What `packet` says in return: the timestamp of its last ACK; undefined if it has none. (kcp-go acknowledges what is below its window only
 * if it came last.) One per packet: who guesses needs a packet for each.
 */
export function answerIn(packet: Uint8Array): number | undefined {
  let answer: number | undefined;
  for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
    if (packet[offset + CMD_OFFSET] === ACK) answer = readInt32(packet, offset + TS_OFFSET);
    const length = readInt32(packet, offset + LEN_OFFSET);
    if (length < 0) break;
    offset += SEGMENT_HEADER + length;
  }
  return answer;
}

/** The numbers of the data segments in a packet. */
export function dataSegmentsIn(packet: Uint8Array): number[] {
  const sns: number[] = [];
  for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
    if (packet[offset + CMD_OFFSET] === PUSH) sns.push(readInt32(packet, offset + SN_OFFSET));
    const length = readInt32(packet, offset + LEN_OFFSET);
    if (length < 0) break;
    offset += SEGMENT_HEADER + length;
  }
  return sns;
}
