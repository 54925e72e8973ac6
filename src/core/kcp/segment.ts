// The KCP segment header: 24 bytes, little-endian (kcp-go kcp.go, segment.encode and KCP.Input). Numbers only: a bundler writes them out.
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

/** What a peer's receive window is taken for before it has said (IKCP_WND_RCV). */
export const REMOTE_WINDOW_DEFAULT = 32;
