// What a control block can tell of its work while it does it: kcp-go's twelve kinds of log (kcp.go, KCPLogType, debugLog).

import {
  ACK,
  CMD_OFFSET,
  FRG_OFFSET,
  LEN_OFFSET,
  PUSH,
  readInt32,
  readUint16,
  SEGMENT_HEADER,
  SN_OFFSET,
  TS_OFFSET,
  UNA_OFFSET,
  WASK,
  WND_OFFSET,
} from './segment.ts';

/** A segment without data that was written. */
interface ControlOut {
  /** Its sn; of a window command that of the last ack written with it. */
  readonly sn: number;
  /** Segments below it have all been received. */
  readonly una: number;
  /** Free receive window it tells, in segments. */
  readonly wnd: number;
  /** Timestamp it echoes, ms. */
  readonly ts: number;
}

/** A window command that came in. */
interface WindowIn {
  /** The peer's free receive window, in segments. */
  readonly wnd: number;
  /** Its timestamp, ms. */
  readonly ts: number;
}

/** What is told with each kind of event, under kcp-go's names. Each has `conv`, too. Numbers are unsigned. */
export interface TraceFields {
  /** Datagrams leave. `datalen`: their bytes, all together. */
  output: { readonly datalen: number };
  /**
   * A segment is in a packet received; it may yet turn out to be malformed. Its header as it is, and bytes in the packet
   * behind that header.
   */
  input: {
    readonly cmd: number;
    readonly frg: number;
    readonly wnd: number;
    readonly ts: number;
    readonly sn: number;
    readonly una: number;
    readonly len: number;
    readonly datalen: number;
  };
  /** A message was handed over: its bytes. */
  send: { readonly stream: boolean; readonly datalen: number };
  /** A message was read: its bytes, and sn and ts of its last segment. */
  recv: { readonly stream: boolean; readonly sn: number; readonly ts: number; readonly datalen: number };
  /** An ack was written. */
  'out-ack': ControlOut;
  /** A data segment was written, for the `xmit`th time. */
  'out-push': {
    readonly sn: number;
    readonly frg: number;
    readonly una: number;
    readonly ts: number;
    readonly xmit: number;
    readonly datalen: number;
  };
  /** The question for the peer's window was written. */
  'out-wask': ControlOut;
  /** Our window was written. */
  'out-wins': ControlOut;
  /** An ack came in. `rto`: the retransmission timeout until now, ms. */
  'in-ack': { readonly sn: number; readonly una: number; readonly ts: number; readonly rto: number };
  /** A data segment came in, by itself or rebuilt by FEC. `repeat`: it was there already, or is out of the window. */
  'in-push': {
    readonly sn: number;
    readonly una: number;
    readonly ts: number;
    readonly packettype: 'regular' | 'fec';
    readonly repeat: boolean;
  };
  /** The peer asks for our window. */
  'in-wask': WindowIn;
  /** The peer tells its window. */
  'in-wins': WindowIn;
}

/** Kind of an event; kcp-go's `IKCP_LOG_OUT_PUSH` is `'out-push'`, and so on. */
export type TraceKind = keyof TraceFields;

type AnyTraceEvent = {
  [Kind in TraceKind]: { readonly kind: Kind; readonly conv: number } & TraceFields[Kind];
}[TraceKind];

/** One event, told apart by `kind`: of all kinds, or of kinds `K`. */
export type TraceEvent<K extends TraceKind = TraceKind> = Extract<AnyTraceEvent, { readonly kind: K }>;

/** Takes events while the control block is at work: it must not call back into it. */
export type Tracer = (event: TraceEvent) => void;

/** Kinds about what leaves: kcp-go's `IKCP_LOG_OUTPUT_ALL`. */
export const TRACE_OUTPUT = ['output', 'out-ack', 'out-push', 'out-wask', 'out-wins'] as const;
/** Kinds about what comes in: kcp-go's `IKCP_LOG_INPUT_ALL`. */
export const TRACE_INPUT = ['input', 'in-ack', 'in-push', 'in-wask', 'in-wins'] as const;
/** All twelve: kcp-go's `IKCP_LOG_ALL`. */
export const TRACE_ALL: readonly TraceKind[] = [...TRACE_OUTPUT, ...TRACE_INPUT, 'send', 'recv'];

/** The kind of event of a segment that was written with command `cmd`, not PUSH. */
export function controlKind(cmd: number): 'out-ack' | 'out-wask' | 'out-wins' {
  if (cmd === ACK) return 'out-ack';
  return cmd === WASK ? 'out-wask' : 'out-wins';
}

/** The event of a segment whose header stands at `offset`. */
export function segmentFound(packet: Uint8Array, offset: number): TraceEvent {
  return {
    kind: 'input',
    ...headerAt(packet, offset),
    cmd: packet[offset + CMD_OFFSET] as number,
    frg: packet[offset + FRG_OFFSET] as number,
    len: readInt32(packet, offset + LEN_OFFSET) >>> 0,
    datalen: packet.length - offset - SEGMENT_HEADER,
  };
}

/** The event of a segment that was taken in, whose header stands at `offset`. */
export function segmentTaken(
  packet: Uint8Array,
  offset: number,
  rto: number,
  regular: boolean,
  repeat: boolean,
): TraceEvent {
  const { conv, wnd, ts, sn, una } = headerAt(packet, offset);
  const cmd = packet[offset + CMD_OFFSET];
  if (cmd === ACK) return { kind: 'in-ack', conv, sn, una, ts, rto };
  if (cmd === PUSH) return { kind: 'in-push', conv, sn, una, ts, packettype: regular ? 'regular' : 'fec', repeat };
  return { kind: cmd === WASK ? 'in-wask' : 'in-wins', conv, wnd, ts };
}

/** sn and ts of the segment whose data `payload` is, as a view of the packet it came in. */
export function headerBefore({ buffer, byteOffset }: Uint8Array): { sn: number; ts: number } {
  const { sn, ts } = headerAt(new Uint8Array(buffer, byteOffset - SEGMENT_HEADER, SEGMENT_HEADER), 0);
  return { sn, ts };
}

function headerAt(
  packet: Uint8Array,
  offset: number,
): { conv: number; wnd: number; ts: number; sn: number; una: number } {
  const u32 = (at: number): number => readInt32(packet, offset + at) >>> 0;
  const wnd = readUint16(packet, offset + WND_OFFSET);
  return { conv: u32(0), wnd, ts: u32(TS_OFFSET), sn: u32(SN_OFFSET), una: u32(UNA_OFFSET) };
}
