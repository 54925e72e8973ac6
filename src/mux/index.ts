/**
 * Many streams over one connection, compatible with smux.
 *
 * @module rxkcp/mux
 */

export type { Message } from '../core/kcp/message.ts';
export * from '../core/mux/errors.ts';
export type { MuxVersion } from '../core/mux/frame.ts';
export type { MuxCoreOptions, MuxRole } from '../core/mux/settings.ts';
export type { FailedEnd, OrderlyEnd, SessionEnd } from '../session/end.ts';
export type { MuxCarrier } from './carrier.ts';
export type { DuplexLike } from './duplex-carrier.ts';
export { Mux, type MuxStats, mux } from './mux.ts';
export { MuxStream } from './mux-stream.ts';
export type { MuxOptions, OpenOptions } from './options.ts';
export type { WebStreamsLike } from './web-carrier.ts';
