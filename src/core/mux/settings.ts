// Every setting of a smux session.

import { type Checks, checked, checkOptions, integer, type OptionNames, requireInteger } from '../../check.ts';
import { OptionError } from '../../errors.ts';
import { INITIAL_WINDOW, type MuxVersion, PAYLOAD_MAX } from './frame.ts';
import { requireMuxVersion } from './frame-codec.ts';

/** Which end of the connection this is. It decides about ids only: those of a client are odd, those of a server even. */
export type MuxRole = 'client' | 'server';

/** How a smux session is set up. Both ends must agree on `version`, and only on that. */
export interface MuxCoreOptions {
  /** Which end this is: the two ends take different ids for the streams that they open. */
  role: MuxRole;
  /** Version of smux, 1 or 2; both ends must use the same. Only version 2 has a window for each stream. Default 2 (smux: 1). */
  version?: MuxVersion | undefined;
  /** Most bytes in a frame, 1 … 65535, while one stream alone has something to send. Default 32768. */
  maxFrameSize?: number | undefined;
  /**
   * Most bytes in a frame, 1 … `maxFrameSize`, while several streams have something to send. Default 2728: with its header two KCP segments of
   * the default MTU with FEC.
   */
  sharedFrameSize?: number | undefined;
  /**
   * Bytes that may wait unread in the whole session, 1 … 2147483647. Version 1: if so many wait, nothing more is read, of any stream.
   * Version 2: what windows may grow by; they shrink when it is used up. Default 16 MiB (smux: 4 MiB).
   */
  maxReceiveBuffer?: number | undefined;
  /** Most bytes of a window of version 2, 1 … `maxReceiveBuffer`. Default 4 MiB, or `maxReceiveBuffer` (smux: 64 KiB). */
  maxStreamBuffer?: number | undefined;
  /** Streams at a time, 1 … 1048576, of both ends. What the peer opens beyond is refused. Default 1024. */
  maxStreams?: number | undefined;
  /** ms between keepalive frames, 1 … 86400000; 0: none are sent. Default 10000. */
  keepAliveInterval?: number | undefined;
  /** ms without any byte from the peer after which the session fails, 1 … 86400000; 0: never. Default 30000. */
  keepAliveTimeout?: number | undefined;
  /**
   * ms, 1 … 86400000, after which sending fails if the peer has written all it will, and its window stays full: smux does not tell a peer
   * that only writes no more from one that has closed the stream, and reads no more either. 0: never. Default 30000.
   */
  closeTimeout?: number | undefined;
}

/** The same, checked and complete. */
export type MuxSettings = { readonly [K in keyof MuxCoreOptions]-?: NonNullable<MuxCoreOptions[K]> };

const payload = /* @__PURE__ */ integer(1, PAYLOAD_MAX);
const buffer = /* @__PURE__ */ integer(1, 0x7fff_ffff);
const milliseconds = /* @__PURE__ */ integer(0, 86_400_000);

const CHECKS = {
  role: requireRole,
  version: requireMuxVersion,
  maxFrameSize: payload,
  sharedFrameSize: payload,
  maxReceiveBuffer: buffer,
  maxStreamBuffer: buffer,
  maxStreams: /* @__PURE__ */ integer(1, 1 << 20),
  keepAliveInterval: milliseconds,
  keepAliveTimeout: milliseconds,
  closeTimeout: milliseconds,
} satisfies Checks<MuxCoreOptions>;

/** Names of all settings. */
export const MUX_CORE_NAMES: OptionNames<MuxCoreOptions> = CHECKS;

/** Bytes of a window that no lack of memory makes smaller: what is free is told in time, and a stream never stands still. */
export const WINDOW_MIN = 16_384;

/** The window of a stream that begins. */
export function firstWindow({ maxStreamBuffer }: MuxSettings): number {
  return Math.min(maxStreamBuffer, INITIAL_WINDOW);
}

/** @throws OptionError naming the first that is wrong. */
export function muxSettings(options: MuxCoreOptions): MuxSettings {
  checkOptions(options, CHECKS);
  const given = checked(options, CHECKS);
  const { role, maxReceiveBuffer = 16 * 1024 * 1024 } = given;
  if (role === undefined) return requireRole('role', role) as never;
  const { maxStreamBuffer = Math.min(4 * 1024 * 1024, maxReceiveBuffer), maxFrameSize = 32_768 } = given;
  const { sharedFrameSize = Math.min(2728, maxFrameSize) } = given;
  requireInteger('maxStreamBuffer', maxStreamBuffer, 1, maxReceiveBuffer);
  requireInteger('sharedFrameSize', sharedFrameSize, 1, maxFrameSize);
  return {
    version: 2,
    maxStreams: 1024,
    keepAliveInterval: 10_000,
    keepAliveTimeout: 30_000,
    closeTimeout: 30_000,
    ...given,
    role,
    maxFrameSize,
    sharedFrameSize,
    maxReceiveBuffer,
    maxStreamBuffer,
  };
}

function requireRole(option: string, value: unknown): MuxRole {
  if (value === 'client' || value === 'server') return value;
  throw new OptionError(option, value, "'client' or 'server'");
}
