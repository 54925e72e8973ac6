// What a packet from a stranger is. KCP has no handshake: the first packet makes the session. But not any packet:
// one from the middle of a conversation that this end never saw must not be taken up, let alone acknowledged, or
// its sender would believe that we have what came before.

import { readInt32 } from '../../bytes/int.ts';
import {
  ACK,
  CMD_OFFSET,
  LEN_OFFSET,
  PUSH,
  SEGMENT_HEADER,
  SN_OFFSET,
  TS_OFFSET,
  UNA_OFFSET,
  WASK,
} from './segment.ts';
import { serialDiff } from './serial.ts';

/**
 * - `first`: carries segment 0, so it begins a conversation.
 * - `early`: may belong to the beginning of one whose segment 0 is yet to come.
 * - `probe`: asks for our window and carries no data.
 * - `none`: from the middle of a conversation, or no KCP packet at all.
 */
export type Opening = 'first' | 'early' | 'probe' | 'none';

/** @param receiveWindow the window a new session would have, in segments. */
export function openingOf(packet: Uint8Array, receiveWindow: number): Opening {
  let opening: Opening = 'none';
  for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
    const cmd = packet[offset + CMD_OFFSET] as number;
    const length = readInt32(packet, offset + LEN_OFFSET);
    if (length < 0 || length > packet.length - offset - SEGMENT_HEADER) return 'none';
    // Who has received something from us, or acknowledges it, is in the middle of a conversation.
    if (cmd === ACK || readInt32(packet, offset + UNA_OFFSET) !== 0) return 'none';
    if (cmd === PUSH) {
      const sn = readInt32(packet, offset + SN_OFFSET);
      if (sn === 0) return 'first';
      if (serialDiff(sn, 0) < 0 || sn >= receiveWindow) return 'none';
      opening = 'early';
    } else if (cmd === WASK) {
      if (opening === 'none') opening = 'probe';
    } else {
      return 'none';
    }
    offset += SEGMENT_HEADER + length;
  }
  return opening;
}

/** The timestamp of segment 0 in a packet that is the `first` of a conversation; undefined in any other. */
export function openingTs(packet: Uint8Array): number | undefined {
  for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
    const isFirst = packet[offset + CMD_OFFSET] === PUSH && readInt32(packet, offset + SN_OFFSET) === 0;
    if (isFirst) return readInt32(packet, offset + TS_OFFSET);
    const length = readInt32(packet, offset + LEN_OFFSET);
    // An attacker may have written it: backwards the loop would not end.
    if (length < 0) return undefined;
    offset += SEGMENT_HEADER + length;
  }
  return undefined;
}

/** Segments that no peer sends before it has heard of a window: the most that any takes the window for (the C core's IKCP_WND_RCV). */
const UNHEARD_MAX = 128;

/** Whether a packet carries data of a peer that has heard from this end: one that has no session here has lost it, or this end has. */
export function isResumption(packet: Uint8Array): boolean {
  for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
    const length = readInt32(packet, offset + LEN_OFFSET);
    if (length < 0 || length > packet.length - offset - SEGMENT_HEADER) return false;
    if (packet[offset + CMD_OFFSET] === PUSH) {
      return readInt32(packet, offset + UNA_OFFSET) !== 0 || readInt32(packet, offset + SN_OFFSET) >>> 0 >= UNHEARD_MAX;
    }
    offset += SEGMENT_HEADER + length;
  }
  return false;
}

/**
 * What a packet has for a conversation whose segment 0 is yet to come, although this end may have sent something in it:
 * `first` when it carries that segment, `later` when it carries others only, `none` when it carries no data.
 */
export function dataIn(packet: Uint8Array): 'first' | 'later' | 'none' {
  let data: 'later' | 'none' = 'none';
  for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
    const length = readInt32(packet, offset + LEN_OFFSET);
    if (length < 0 || length > packet.length - offset - SEGMENT_HEADER) break;
    if (packet[offset + CMD_OFFSET] === PUSH) {
      if (readInt32(packet, offset + SN_OFFSET) === 0) return 'first';
      data = 'later';
    }
    offset += SEGMENT_HEADER + length;
  }
  return data;
}
