// The KCP segment header: 24 bytes, little-endian (kcp-go kcp.go, segment.encode and KCP.Input).
//
//  0 conv u32 | 4 cmd u8 | 5 frg u8 | 6 wnd u16 | 8 ts u32 | 12 sn u32 | 16 una u32 | 20 len u32 | 24 data[len]

/** Bytes of a segment before its data. */
export const SEGMENT_HEADER = 24;

/** `cmd`: data. */
export const PUSH = 81;
/** `cmd`: acknowledgement of the segment `sn`, echoing its `ts`. */
export const ACK = 82;
/** `cmd`: "tell me your free window" (IKCP_ASK). */
export const WASK = 83;
/** `cmd`: "my free window is `wnd`" (IKCP_TELL). */
export const WINS = 84;

/** Offsets inside the header that other layers peek at. */
export const CMD_OFFSET = 4;
export const FRG_OFFSET = 5;
export const WND_OFFSET = 6;
export const TS_OFFSET = 8;
export const SN_OFFSET = 12;
export const UNA_OFFSET = 16;
export const LEN_OFFSET = 20;

/** The little-endian 32 bits at `offset`, as an int32. The caller has checked the length. */
export function readInt32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset] as number) |
    ((bytes[offset + 1] as number) << 8) |
    ((bytes[offset + 2] as number) << 16) |
    ((bytes[offset + 3] as number) << 24)
  );
}

/** The little-endian 16 bits at `offset`. The caller has checked the length. */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8);
}

/** Writes the 32 bits of `value` at `offset`, little-endian. */
export function writeInt32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

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

/** A plain Uint8Array over part of `bytes` (a Buffer's `subarray` would make a Buffer, slowly). */
export function viewOf(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + offset, length);
}
