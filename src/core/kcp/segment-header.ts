// Writing a segment header (kcp-go kcp.go, segment.encode).

import { writeInt32 } from '../../bytes/int.ts';
import { CMD_OFFSET, FRG_OFFSET, LEN_OFFSET, SN_OFFSET, TS_OFFSET, UNA_OFFSET, WND_OFFSET } from './segment.ts';

/** Writes one segment header at `offset`. */
export function writeHeader(
  bytes: Uint8Array,
  offset: number,
  conv: number,
  cmd: number,
  frg: number,
  wnd: number,
  ts: number,
  sn: number,
  una: number,
  len: number,
): void {
  writeInt32(bytes, offset, conv);
  bytes[offset + CMD_OFFSET] = cmd;
  bytes[offset + FRG_OFFSET] = frg;
  bytes[offset + WND_OFFSET] = wnd;
  bytes[offset + WND_OFFSET + 1] = wnd >>> 8;
  writeInt32(bytes, offset + TS_OFFSET, ts);
  writeInt32(bytes, offset + SN_OFFSET, sn);
  writeInt32(bytes, offset + UNA_OFFSET, una);
  writeInt32(bytes, offset + LEN_OFFSET, len);
}
