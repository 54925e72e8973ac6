// Writing a segment header (kcp-go kcp.go, segment.encode).

import { CMD_OFFSET, LEN_OFFSET, SN_OFFSET, TS_OFFSET, UNA_OFFSET } from './segment.ts';

/** Writes one segment header at `offset` of `view`. */
export function writeHeader(
  view: DataView,
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
  view.setInt32(offset, conv, true);
  view.setInt32(offset + CMD_OFFSET, cmd | (frg << 8) | (wnd << 16), true);
  view.setInt32(offset + TS_OFFSET, ts, true);
  view.setInt32(offset + SN_OFFSET, sn, true);
  view.setInt32(offset + UNA_OFFSET, una, true);
  view.setInt32(offset + LEN_OFFSET, len, true);
}
