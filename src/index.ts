// What a user imports from 'rxkcp'.

export type { ArqStats, Retransmissions } from './arq-types.ts';
export { type ConnectOptions, connect, type LinkConnectOptions } from './connect.ts';
export type { Counters, Snmp } from './counters.ts';
export { type Aead, aeadCipher } from './crypto/aead.ts';
export type { Cipher } from './crypto/cipher.ts';
export * from './crypto/ciphers.ts';
export { type DeriveKeyOptions, deriveKey } from './crypto/derive-key.ts';
export type { SealLimitOptions } from './crypto/seal-limit.ts';
export * from './errors.ts';
export type { FecShape } from './fec/shape.ts';
export type { PacketMemory } from './kcp/slab.ts';
export {
  TRACE_INPUT,
  TRACE_OUTPUT,
  type TraceData,
  type TraceEvent,
  type TraceFields,
  type TraceHead,
  type TraceKind,
} from './kcp/trace.ts';
export type { Address, Burst, Hub, Link, PeerBurst } from './link/link.ts';
export { type MemoryNetwork, memoryNetwork, memoryPair } from './link/memory.ts';
export { type MessagePortLike, messagePortLink } from './link/message-port.ts';
export type { DatagramSocket, SocketOptions, UdpConnectOptions, UdpListenOptions } from './link/udp-options.ts';
export { type HubListenOptions, type ListenOptions, listen, type ServerOptions } from './listen.ts';
export type { Message } from './message.ts';
export { resetSnmp, snmp, snmp$ } from './metrics.ts';
export {
  type ArqOptions,
  type FecDirections,
  MODES,
  type ModeName,
  type ModeParameters,
  type OutletOptions,
  type SessionOptions,
  type SessionTunableOptions,
  type TunableOptions,
} from './options.ts';
export { type RandomSource, systemRandom } from './random.ts';
export { monotonicScheduler } from './scheduler.ts';
export { Session, type SessionEnd } from './session.ts';
export type { SessionStats } from './session-stats.ts';
