// smux frames: `version u8 | command u8 | length u16 | stream id u32`, little-endian, then the payload (smux frame.go).

import { writeInt32 } from '../../bytes/int.ts';

/** Version of smux. Version 2 has a window for each stream. */
export type MuxVersion = 1 | 2;

export const SYN = 0;
export const FIN = 1;
export const PSH = 2;
export const NOP = 3;
export const UPD = 4;

export const COMMAND_NAMES = ['SYN', 'FIN', 'PSH', 'NOP', 'UPD'] as const;

/** Bytes of a header. */
export const HEADER = 8;
/** Bytes of the payload of an UPD frame. */
export const UPDATE_LENGTH = 8;
/** Most bytes of a payload. */
export const PAYLOAD_MAX = 0xffff;
/** Bytes that a version 2 peer may send on a stream before it has heard of a window (smux stream.go, initialPeerWindow). */
export const INITIAL_WINDOW = 262_144;

/** A stream begins, ends, or the peer shows that it is alive. */
export interface MuxControlFrame {
  /** `syn`: opens a stream. `fin`: the sender writes no more. `nop`: keepalive. */
  readonly kind: 'syn' | 'fin' | 'nop';
  /** The stream, 0 … 4294967295; 0 for `nop`. */
  readonly id: number;
}

/** Bytes of a stream. */
export interface MuxDataFrame {
  /** What tells it from other frames. */
  readonly kind: 'psh';
  /** The stream, 0 … 4294967295. */
  readonly id: number;
  /** 0 … 65535 bytes. */
  readonly data: Uint8Array;
}

/** What the reader of a stream has taken, and how much may be on the way to it (version 2). */
export interface MuxUpdateFrame {
  /** What tells it from other frames. */
  readonly kind: 'upd';
  /** The stream, 0 … 4294967295. */
  readonly id: number;
  /** Bytes that the reader has taken since the stream began, modulo 2^32. */
  readonly consumed: number;
  /** Bytes that may follow those, 0 … 4294967295. */
  readonly window: number;
}

/** One frame of smux. */
export type MuxFrame = MuxControlFrame | MuxDataFrame | MuxUpdateFrame;

export function writeHeader(
  target: Uint8Array,
  version: MuxVersion,
  command: number,
  length: number,
  id: number,
): void {
  target[0] = version;
  target[1] = command;
  target[2] = length;
  target[3] = length >>> 8;
  writeInt32(target, 4, id);
}

/** Writes an UPD frame to 16 bytes. */
export function writeUpdate(
  target: Uint8Array,
  version: MuxVersion,
  id: number,
  consumed: number,
  window: number,
): void {
  writeHeader(target, version, UPD, UPDATE_LENGTH, id);
  writeInt32(target, HEADER, consumed);
  writeInt32(target, HEADER + 4, window);
}
