// What a control block can tell of its work while it does it: kcp-go's twelve kinds of log (kcp.go, KCPLogType, debugLog).

import { readInt32, readUint16 } from '../../bytes/int.ts';
import {
  ACK,
  CMD_OFFSET,
  FRG_OFFSET,
  LEN_OFFSET,
  PUSH,
  SEGMENT_HEADER,
  SN_OFFSET,
  TS_OFFSET,
  UNA_OFFSET,
  WND_OFFSET,
} from './segment.ts';

/** Everything that events tell, under kcp-go's names; what stands in a header as an unsigned number. */
export interface TraceData {
  /** Bytes: of the message, of the segment's data, of the datagrams that leave, of what is left of a packet behind a header. */
  readonly datalen: number;
  /** Command: 81 PUSH, 82 ACK, 83 WASK, 84 WINS. */
  readonly cmd: number;
  /** Fragments of the message that follow. */
  readonly frg: number;
  /** Free receive window of whoever sent it, in segments. */
  readonly wnd: number;
  /** Timestamp of whoever sent the data, ms; an ack echoes it. */
  readonly ts: number;
  /** Sequence number; of a window command that of the last ack written with it. */
  readonly sn: number;
  /** Whoever sent it has received all segments below. */
  readonly una: number;
  /** Bytes of data that the header announces. */
  readonly len: number;
  /** How often the segment was sent by now. */
  readonly xmit: number;
  /** Retransmission timeout until now, ms. */
  readonly rto: number;
  /** Whether the conversation is in stream mode. */
  readonly stream: boolean;
  /** Whether the packet came by itself, or FEC rebuilt it. */
  readonly packettype: 'regular' | 'fec';
  /** Whether the segment was there already, or is out of the window. */
  readonly repeat: boolean;
}

/** The fields of each kind of event, in addition to `conv`. */
export interface TraceFields {
  /** Datagrams leave. */
  output: Pick<TraceData, 'datalen'>;
  /** There is a segment of this conversation in a packet that came in. It may yet turn out to be malformed. */
  input: Pick<TraceData, 'cmd' | 'frg' | 'wnd' | 'ts' | 'sn' | 'una' | 'len' | 'datalen'>;
  /** A message was handed over. */
  send: Pick<TraceData, 'stream' | 'datalen'>;
  /** A message was read; `sn` and `ts` are those of its last segment. */
  recv: Pick<TraceData, 'stream' | 'sn' | 'ts' | 'datalen'>;
  /** An ack was written. */
  'out-ack': Pick<TraceData, 'sn' | 'una' | 'wnd' | 'ts'>;
  /** A data segment was written. */
  'out-push': Pick<TraceData, 'sn' | 'frg' | 'una' | 'ts' | 'xmit' | 'datalen'>;
  /** The question for the peer's window was written. */
  'out-wask': Pick<TraceData, 'sn' | 'una' | 'wnd' | 'ts'>;
  /** Our window was written. */
  'out-wins': Pick<TraceData, 'sn' | 'una' | 'wnd' | 'ts'>;
  /** An ack came in. */
  'in-ack': Pick<TraceData, 'sn' | 'una' | 'ts' | 'rto'>;
  /** A data segment came in. */
  'in-push': Pick<TraceData, 'sn' | 'una' | 'ts' | 'packettype' | 'repeat'>;
  /** The peer asks for our window. */
  'in-wask': Pick<TraceData, 'wnd' | 'ts'>;
  /** The peer tells its window. */
  'in-wins': Pick<TraceData, 'wnd' | 'ts'>;
}

/** Kind of an event; kcp-go's `IKCP_LOG_OUT_PUSH` is `'out-push'`, and so on. */
export type TraceKind = keyof TraceFields;

/** What every event tells. */
export interface TraceHead<K extends TraceKind> {
  /** What happened. */
  readonly kind: K;
  /** The conversation, 0 … 4294967295. */
  readonly conv: number;
}

/** One event, told apart by `kind`: of all kinds, or of kinds `K`. */
export type TraceEvent<K extends TraceKind = TraceKind> = Extract<
  { [Kind in TraceKind]: TraceHead<Kind> & TraceFields[Kind] }[TraceKind],
  TraceHead<K>
>;

/** Takes events while the control block is at work: it must not call back into it. */
export type Tracer = (event: TraceEvent) => void;

/** The commands follow each other from PUSH on, and so do their kinds behind that of the whole packet. */
const BEFORE_PUSH = PUSH - 1;
/** Of what comes in, and of what leaves, with `in` and `out` in front of it: `input`, `out-push`. */
const KINDS = ['put', '-push', '-ack', '-wask', '-wins'] as const;
/** Kinds about what leaves: kcp-go's `IKCP_LOG_OUTPUT_ALL`. */
export const TRACE_OUTPUT = /* @__PURE__ */ KINDS.map((kind) => `out${kind}` as const);
/** Kinds about what comes in: kcp-go's `IKCP_LOG_INPUT_ALL`. */
export const TRACE_INPUT = /* @__PURE__ */ KINDS.map((kind) => `in${kind}` as const);
/** All twelve: kcp-go's `IKCP_LOG_ALL`. */
export const TRACE_ALL: readonly TraceKind[] = [...TRACE_OUTPUT, ...TRACE_INPUT, 'send', 'recv'];

/** The event of a segment that was written at `offset` of a packet, sent `xmit` times by now. */
export function segmentWritten(packet: Uint8Array, offset: number, xmit: number): TraceEvent {
  const { conv, cmd, frg, wnd, ts, sn, una, len } = headerAt(packet, offset);
  const told = cmd === PUSH ? { frg, xmit, datalen: len } : { wnd };
  return { kind: TRACE_OUTPUT[cmd - BEFORE_PUSH], conv, sn, una, ts, ...told } as TraceEvent;
}

/** The event of a segment whose header stands at `offset`. */
export function segmentFound(packet: Uint8Array, offset: number): TraceEvent {
  return { kind: 'input', ...headerAt(packet, offset), datalen: packet.length - offset - SEGMENT_HEADER };
}

/** The event of a segment that was taken in, whose header stands at `offset`. */
export function segmentTaken(
  packet: Uint8Array,
  offset: number,
  rto: number,
  regular: boolean,
  repeat: boolean,
): TraceEvent {
  const { conv, cmd, wnd, ts, sn, una } = headerAt(packet, offset);
  const told =
    cmd > ACK ? { wnd } : cmd === ACK ? { sn, una, rto } : { sn, una, packettype: regular ? 'regular' : 'fec', repeat };
  return { kind: TRACE_INPUT[cmd - BEFORE_PUSH], conv, ts, ...told } as TraceEvent;
}

/** The event of a message of `datalen` bytes that was read. `end` is its last segment. */
export function messageRead(end: Uint8Array, stream: boolean, datalen: number): TraceEvent {
  const { conv, sn, ts } = headerAt(end, 0);
  return { kind: 'recv', conv, stream, sn, ts, datalen };
}

type Header = Pick<TraceData, 'cmd' | 'frg' | 'wnd' | 'ts' | 'sn' | 'una' | 'len'> & { readonly conv: number };

function headerAt(packet: Uint8Array, offset: number): Header {
  const u32 = (at: number): number => readInt32(packet, offset + at) >>> 0;
  return {
    conv: u32(0),
    cmd: packet[offset + CMD_OFFSET] as number,
    frg: packet[offset + FRG_OFFSET] as number,
    wnd: readUint16(packet, offset + WND_OFFSET),
    ts: u32(TS_OFFSET),
    sn: u32(SN_OFFSET),
    una: u32(UNA_OFFSET),
    len: u32(LEN_OFFSET),
  };
}
