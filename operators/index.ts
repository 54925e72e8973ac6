// The public operators: rxkcp/operators.

export type { ArqOptions, ModeName, ModeParameters, TunableOptions } from '../src/arq/options.ts';
export type { Arq, ArqStats, Retransmissions } from '../src/arq/types.ts';
export type { Burst } from '../src/bytes/burst.ts';
export type { RandomSource } from '../src/bytes/random.ts';
export type { PacketMemory } from '../src/bytes/slab.ts';
export type { Cipher } from '../src/core/crypto/cipher.ts';
export type { FecCounters } from '../src/core/fec/decoder.ts';
export { RecoveredPacket } from '../src/core/fec/recovered-packet.ts';
export type { FecShape } from '../src/core/fec/shape.ts';
export type { Message } from '../src/core/kcp/message.ts';
export type { TraceData, TraceEvent, TraceFields, TraceHead, TraceKind } from '../src/core/kcp/trace.ts';
export type { Snmp } from '../src/counters/counters.ts';
export type { FrameOptions } from '../src/framing/frames.ts';
export type { LineOptions } from '../src/framing/lines.ts';
export type { Source } from '../src/rx/source.ts';
export { arq } from './arq.ts';
export { decodeFrames } from './decode-frames.ts';
export { decodeJson } from './decode-json.ts';
export { decodeLines } from './decode-lines.ts';
export { type DecryptOptions, decrypt } from './decrypt.ts';
export { encodeFrames } from './encode-frames.ts';
export { encodeJson } from './encode-json.ts';
export { encodeLines } from './encode-lines.ts';
export { type EncryptOptions, encrypt } from './encrypt.ts';
export { type FecDecodeOptions, fecDecode } from './fec-decode.ts';
export { type FecEncodeOptions, fecEncode } from './fec-encode.ts';
export { type RateLimitOptions, rateLimit } from './rate-limit.ts';
