/**
 * The layers without I/O: bytes and a `now` in ms, without RxJS, sockets, timers and clocks.
 *
 * @module rxkcp/core
 */

export type { RandomSource } from '../bytes/random.ts';
export type { PacketMemory } from '../bytes/slab.ts';
export { Counters, type Snmp } from '../counters/counters.ts';
export * from './congestion/index.ts';
export { type Aead, aeadCipher } from './crypto/aead.ts';
export type { Cipher } from './crypto/cipher.ts';
export * from './crypto/ciphers.ts';
export { type DeriveKeyOptions, deriveKey } from './crypto/derive-key.ts';
export type { CipherOptions } from './crypto/options.ts';
export type { AeadOptions, SealLimitOptions } from './crypto/seal-limit.ts';
export { type FecCounters, FecDecoder } from './fec/decoder.ts';
export { FecEncoder } from './fec/encoder.ts';
export type { ReedSolomon } from './fec/erasure-code.ts';
export { RecoveredPacket } from './fec/recovered-packet.ts';
export { type ReedSolomonOptions, reedSolomon } from './fec/reed-solomon.ts';
export type { FecShape } from './fec/shape.ts';
export { type BundleLimits, type Bundling, bundling } from './kcp/bundle.ts';
export { ControlBlock } from './kcp/control-block.ts';
export type { Message } from './kcp/message.ts';
export type { TraceData, TraceEvent, TraceFields, TraceHead, TraceKind, Tracer } from './kcp/trace.ts';
export type { ControlBlockOptions, Tunables } from './kcp/tunables.ts';
export * from './mux/errors.ts';
export type { MuxControlFrame, MuxDataFrame, MuxFrame, MuxUpdateFrame, MuxVersion } from './mux/frame.ts';
export { encodeMuxFrame, MuxFrameDecoder } from './mux/frame-codec.ts';
export type { MuxOwner } from './mux/mux-owner.ts';
export { MuxSession } from './mux/mux-session.ts';
export { type MuxCoreOptions, type MuxRole, type MuxSettings, muxSettings } from './mux/settings.ts';
export type { StreamEnd, StreamOwner } from './mux/stream-end.ts';
