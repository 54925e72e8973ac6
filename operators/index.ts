// The public operators: rxkcp/operators.

export type { Arq, ArqMemory, ArqStats, Retransmissions } from '../src/arq-types.ts';
export type { Snmp } from '../src/counters.ts';
export type { Cipher } from '../src/crypto/cipher.ts';
export type { FecCounters } from '../src/fec/decoder.ts';
export { RecoveredPacket } from '../src/fec/recovered-packet.ts';
export type { FecShape } from '../src/fec/shape.ts';
export type { FrameOptions } from '../src/framing/frames.ts';
export type { LineOptions } from '../src/framing/lines.ts';
export type { PacketMemory } from '../src/kcp/slab.ts';
export type { TraceData, TraceEvent, TraceFields, TraceHead, TraceKind } from '../src/kcp/trace.ts';
export type { Burst } from '../src/link/link.ts';
export type { Message } from '../src/message.ts';
export type { ArqOptions, ModeName, ModeParameters, TunableOptions } from '../src/options.ts';
export type { RandomSource } from '../src/random.ts';
export { arq } from './arq.ts';
export { decodeFrames } from './decode-frames.ts';
export { decodeJson } from './decode-json.ts';
export { decodeLines } from './decode-lines.ts';
export { decrypt } from './decrypt.ts';
export { encodeFrames } from './encode-frames.ts';
export { encodeJson } from './encode-json.ts';
export { encodeLines } from './encode-lines.ts';
export { encrypt } from './encrypt.ts';
export { type FecDecodeOptions, fecDecode } from './fec-decode.ts';
export { fecEncode } from './fec-encode.ts';
export { type RateLimitOptions, rateLimit } from './rate-limit.ts';
