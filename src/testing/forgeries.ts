// What an attacker on the path makes of datagrams that pass, and out of nothing.

import { readInt32 } from '../bytes/int.ts';
import { FEC_OVERHEAD, TYPE_DATA, TYPE_PARITY } from '../core/fec/header.ts';
import { ACK, PUSH, SEGMENT_HEADER, WASK, WINS } from '../core/kcp/segment.ts';
import { writeHeader } from '../core/kcp/segment-header.ts';
import type { Dice } from './dice.ts';

/** Longest datagram made up. */
const LENGTH_MAX = 1500;
/** Bytes at the end of a datagram in which CFB lets a change through as it is: its last block. */
const LAST_BLOCK = 16;
/** A difference that CRC-32 does not see: its polynomial, lowest bit first. Nor does it see that times any power of x. */
const UNSEEN = 0x1_db71_0641n;
const UNSEEN_BITS = 33;

const upTo = (dice: Dice, limit: number): number => Math.floor(dice() * limit);
const word = (dice: Dice): number => upTo(dice, 2 ** 32);

/** With one to three bits turned over. */
export function flipped(datagram: Uint8Array, dice: Dice): Uint8Array {
  for (let i = 0, count = 1 + upTo(dice, 3); i < count; i++) flip(datagram, upTo(dice, 8 * datagram.length));
  return datagram;
}

/** With bits of its last block turned over so that a CRC-32 beneath a stream cipher, or CFB, stays right. */
export function flippedUnseen(datagram: Uint8Array, dice: Dice): Uint8Array {
  const bits = 8 * Math.min(datagram.length, LAST_BLOCK);
  if (bits < UNSEEN_BITS) return flipped(datagram, dice);
  const first = 8 * datagram.length - bits + upTo(dice, bits - UNSEEN_BITS + 1);
  for (let i = 0; i < UNSEEN_BITS; i++) if ((UNSEEN >> BigInt(i)) & 1n) flip(datagram, first + i);
  return datagram;
}

function flip(datagram: Uint8Array, bit: number): void {
  if (bit < 8 * datagram.length) datagram[bit >> 3] = (datagram[bit >> 3] as number) ^ (1 << (bit & 7));
}

/** Shorter. */
export function truncated(datagram: Uint8Array, dice: Dice): Uint8Array {
  return datagram.slice(0, upTo(dice, datagram.length));
}

/** Longer. */
export function extended(datagram: Uint8Array, dice: Dice): Uint8Array {
  const longer = new Uint8Array(datagram.length + 1 + upTo(dice, 32));
  for (let i = datagram.length; i < longer.length; i++) longer[i] = upTo(dice, 256);
  longer.set(datagram);
  return longer;
}

/** Anything at all. */
export function noise(dice: Dice): Uint8Array {
  return Uint8Array.from({ length: upTo(dice, LENGTH_MAX) }, () => upTo(dice, 256));
}

/** A conversation that no peer has begun. */
export function opener(dice: Dice): Uint8Array {
  return segment(word(dice), PUSH, 128, word(dice), 0, 0, 1 + upTo(dice, 100));
}

/** An ack, or a lie about the window, for the conversation that `seen` belongs to if that can be read from it. */
export function lie(seen: Uint8Array, dice: Dice): Uint8Array {
  const conv = seen.length >= SEGMENT_HEADER ? readInt32(seen, 0) : word(dice);
  const near = seen.length >= SEGMENT_HEADER ? readInt32(seen, 12) : 0;
  const cmd = [ACK, WASK, WINS][upTo(dice, 3)] as number;
  const una = dice() < 0.5 ? 0 : near + upTo(dice, 2000) - 1000;
  return segment(conv, cmd, dice() < 0.5 ? 0 : 65_535, word(dice), near + upTo(dice, 200) - 100, una, 0);
}

/** A shard of a group that there is not. */
export function shard(dice: Dice): Uint8Array {
  const packet = new Uint8Array(FEC_OVERHEAD + SEGMENT_HEADER + upTo(dice, 200));
  for (let i = 0; i < packet.length; i++) packet[i] = upTo(dice, 256);
  packet[4] = dice() < 0.5 ? TYPE_DATA : TYPE_PARITY;
  packet[5] = 0;
  return packet;
}

function segment(
  conv: number,
  cmd: number,
  wnd: number,
  ts: number,
  sn: number,
  una: number,
  length: number,
): Uint8Array {
  const packet = new Uint8Array(SEGMENT_HEADER + length);
  writeHeader(new DataView(packet.buffer), 0, conv, cmd, 0, wnd, ts, sn, una, length);
  return packet;
}
