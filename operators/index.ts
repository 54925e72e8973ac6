/**
 * The layers as operators, and operators on sessions.
 *
 * @module rxkcp/operators
 */

export type { ModeName, ModeParameters } from '../src/arq/modes.ts';
export type { ArqOptions, TunableOptions } from '../src/arq/options.ts';
export type { Arq, ArqStats, Retransmissions } from '../src/arq/types.ts';
export type { Burst } from '../src/bytes/burst.ts';
export type { RandomSource } from '../src/bytes/random.ts';
export type { PacketMemory } from '../src/bytes/slab.ts';
export type { Cipher } from '../src/core/crypto/cipher.ts';
export type { FecCounters } from '../src/core/fec/decoder.ts';
export { RecoveredPacket } from '../src/core/fec/recovered-packet.ts';
export type { FecShape } from '../src/core/fec/shape.ts';
export type { BundleLimits, Bundling } from '../src/core/kcp/bundle.ts';
export type { Message } from '../src/core/kcp/message.ts';
export type { TraceData, TraceEvent, TraceFields, TraceHead, TraceKind } from '../src/core/kcp/trace.ts';
export type { MuxControlFrame, MuxDataFrame, MuxFrame, MuxUpdateFrame, MuxVersion } from '../src/core/mux/frame.ts';
export type { Snmp } from '../src/counters/counters.ts';
export type { FrameOptions } from '../src/framing/frames.ts';
export type { LineOptions } from '../src/framing/lines.ts';
export type { Address, Hub, PeerBurst } from '../src/link/link.ts';
export type { Source } from '../src/rx/source.ts';
export type { Conversation, SendTarget } from '../src/session/conversation.ts';
export { arq } from './arq.ts';
export { type BroadcastOptions, broadcast, type Member } from './broadcast.ts';
export { convOf } from './conv-of.ts';
export { converse } from './converse.ts';
export { decodeFrames } from './decode-frames.ts';
export { decodeJson } from './decode-json.ts';
export { decodeLines } from './decode-lines.ts';
export { decodeMuxFrames } from './decode-mux-frames.ts';
export { type DecryptOptions, decrypt } from './decrypt.ts';
export { encodeFrames } from './encode-frames.ts';
export { encodeJson } from './encode-json.ts';
export { encodeLines } from './encode-lines.ts';
export { encodeMuxFrames, type MuxFrameOptions } from './encode-mux-frames.ts';
export { type EncryptOptions, encrypt } from './encrypt.ts';
export { type FecDecodeOptions, fecDecode } from './fec-decode.ts';
export { type FecEncodeOptions, fecEncode } from './fec-encode.ts';
export { type GroupPeersOptions, groupPeers } from './group-peers.ts';
export { type MultiplexOptions, multiplex } from './multiplex.ts';
export { type RateLimitOptions, rateLimit } from './rate-limit.ts';
export { type ReconnectingOptions, reconnecting } from './reconnecting.ts';
export { type RequestOptions, request } from './request.ts';
export { type SendToOptions, sendTo } from './send-to.ts';
export { type ServeOptions, type Serving, serve } from './serve.ts';
export { shareSession } from './share-session.ts';
