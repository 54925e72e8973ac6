/**
 * Sessions over UDP and over custom links, ciphers, modes and counters.
 *
 * @module rxkcp
 */

export { MODES, type ModeName, type ModeParameters } from './arq/modes.ts';
export type { ArqOptions, ControllerName, TunableOptions } from './arq/options.ts';
export type { ArqStats, Retransmissions } from './arq/types.ts';
export type { Burst } from './bytes/burst.ts';
export { type RandomSource, systemRandom } from './bytes/random.ts';
export type { PacketMemory } from './bytes/slab.ts';
export * from './core/congestion/index.ts';
export { type Aead, aeadCipher } from './core/crypto/aead.ts';
export type { Cipher } from './core/crypto/cipher.ts';
export * from './core/crypto/ciphers.ts';
export { type DeriveKeyOptions, deriveKey } from './core/crypto/derive-key.ts';
export type { CipherOptions } from './core/crypto/options.ts';
export type { SealLimitOptions } from './core/crypto/seal-limit.ts';
export type { FecShape } from './core/fec/shape.ts';
export { type BundleLimits, type Bundling, bundling } from './core/kcp/bundle.ts';
export type { Message } from './core/kcp/message.ts';
export {
  TRACE_INPUT,
  TRACE_OUTPUT,
  type TraceData,
  type TraceEvent,
  type TraceFields,
  type TraceHead,
  type TraceKind,
} from './core/kcp/trace.ts';
export type { Counters, Snmp } from './counters/counters.ts';
export { resetSnmp, snmp } from './counters/process.ts';
export { type Refusals, refusals, resetRefusals } from './counters/refusals.ts';
export * from './errors/framing.ts';
export * from './errors/requests.ts';
export * from './errors.ts';
export type { CustomHub, CustomLink } from './link/custom.ts';
export { type DataChannelLike, type DataChannelLinkOptions, dataChannelLink } from './link/data-channel.ts';
export type { Address, Hub, Link, PeerBurst } from './link/link.ts';
export { type MemoryNetwork, memoryNetwork, memoryPair } from './link/memory.ts';
export { type MessagePortLike, messagePortLink } from './link/message-port.ts';
export type {
  DatagramSocket,
  SocketOptions,
  UdpConnectOptions,
  UdpLink,
  UdpListenOptions,
} from './link/udp/options.ts';
export { udpHub, udpLink } from './link/udp-link.ts';
export type { Source } from './rx/source.ts';
export { type HubListenOptions, type ListenOptions, listen } from './server/listen.ts';
export type { ServerOptions } from './server/options.ts';
export { type ConnectOptions, connect, type LinkConnectOptions } from './session/connect.ts';
export type { FailedEnd, OrderlyEnd, SessionEnd } from './session/end.ts';
export { snmp$ } from './session/metrics.ts';
export type { EgressOptions, FecDirections, SessionOptions, SessionTunableOptions } from './session/options.ts';
export { Session } from './session/session.ts';
export type { SessionStats } from './session/stats.ts';
export { type RateBucket, type RateBucketOptions, rateBucket } from './time/rate-bucket.ts';
export { monotonicScheduler } from './time/scheduler.ts';
