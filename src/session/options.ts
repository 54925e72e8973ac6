// Every option of a session, without those of its conversation.

import { CONVERSATION_CHECKS, type ConversationOptions, TUNABLE_CHECKS, type TunableOptions } from '../arq/options.ts';
import {
  type Checks,
  checked,
  checkOptions,
  ensure,
  integer,
  isFunction,
  type OptionNames,
  requireBoolean,
  requireInteger,
  requireObject,
} from '../check.ts';
import type { Cipher } from '../core/crypto/cipher.ts';
import { FEC_OVERHEAD } from '../core/fec/header.ts';
import { type FecShape, requireShape } from '../core/fec/shape.ts';
import { MTU_DEFAULT, MTU_MAX, MTU_MIN, RATE_MAX } from '../limits.ts';
import type { RateBucket } from '../time/rate-bucket.ts';

/** What happens to the datagrams of a session on their way to the link; can be changed while it runs. */
export interface EgressOptions {
  /**
   * Maximum bytes per second, including all headers above UDP. 0 … 4294967295; 0 means no limit. A `rateBucket` is one limit for
   * all sessions that have it, which take turns; it needs their clock. Without one, after a pause
   * 96000 may leave at once. Up to 2048 datagrams or 4 MiB wait; what is more is dropped (`stats().packetsDropped`). KCP repeats
   * what waits for longer than an RTO: choose a `sendWindow` to go with the rate. Default 0.
   */
  rateLimit?: number | RateBucket | undefined;
  /** How many more times each datagram is sent, 0 … 100, parity excepted: for tests. Default 0. */
  duplicates?: number | undefined;
  /**
   * Longest time in which nothing is sent, ms, 0 … 86400000; 0: as long as there is nothing to send. When it is over, this end repeats what it has
   * received and its window, in a datagram of 24 bytes and the overhead that every peer takes and none answers. NATs and firewalls often forget a flow after
   * 30000: 20000 keeps it. It keeps no dead session: for that see `idleTimeout`. Default 0.
   */
  keepAlive?: number | undefined;
}

/** What can be changed while a session runs. */
export interface SessionTunableOptions extends TunableOptions, EgressOptions {}

/** The MTU of a session whose link adds `overhead` bytes to each packet. */
export function requireMtu(mtu: unknown, overhead: number): void {
  requireInteger('mtu', mtu, MTU_MIN + overhead, MTU_MAX);
}

/** Shapes of the two directions. */
export interface FecDirections {
  /** Of the groups this end sends. Default: it sends none. */
  encode?: FecShape | undefined;
  /** Of the groups the peer sends, if that is known. Default: it is found out. */
  decode?: FecShape | undefined;
}

/** Options of a session in addition to those of its conversation. */
export interface SessionOptions extends ConversationOptions, EgressOptions {
  /** Seals every datagram; both ends must use the same with the same key. Default: none, packets travel bare. */
  cipher?: Cipher | undefined;
  /**
   * Forward error correction: one shape for both directions, or one for each. Takes 8 bytes off the MTU. A peer that
   * uses it is always understood. Default: none is sent.
   */
  fec?: FecShape | FecDirections | undefined;
  /**
   * How messages end when the peer or the network ends the session (a dead link, an idle peer, a failed socket): `error`, with the error that
   * ended it, so that `retry` works; or `complete`, and only `closed$` has the error. Holds for subscribers and iterators. It does not
   * change `send` and `send$`, which fail with the error, nor streams, which report a session that was cut short.
   * Failures on this side are errors in any case. Default: `error` for `connect`; `complete` for `listen`, where a client that
   * vanishes is no failure of the server.
   */
  peerLoss?: 'error' | 'complete' | undefined;
  /**
   * Whether the session stays open for sending when the peer has finished (`Session.finish`) and everything that it sent was read. Default
   * false: then it completes itself, like sockets of Node, so code that ignores the end leaves no session open. Streams
   * (`toDuplex`, `toWebStreams`) see to that themselves.
   */
  allowHalfOpen?: boolean | undefined;
}

export const EGRESS_CHECKS = {
  rateLimit: requireRateLimit,
  duplicates: /* @__PURE__ */ integer(0, 100),
  keepAlive: /* @__PURE__ */ integer(0, 86_400_000),
} satisfies Checks<EgressOptions>;

/** Names of what can be changed while a session runs. */
export const SESSION_TUNABLE_NAMES: OptionNames<SessionTunableOptions> = { ...TUNABLE_CHECKS, ...EGRESS_CHECKS };

const SESSION_CHECKS = {
  ...CONVERSATION_CHECKS,
  ...EGRESS_CHECKS,
  peerLoss: requirePeerLoss,
  allowHalfOpen: requireBoolean,
  fec: requireFec,
  cipher: requireCipher,
} satisfies Checks<SessionOptions>;

/** Names of what a session can be made with. */
export const SESSION_NAMES: OptionNames<SessionOptions> = SESSION_CHECKS;

/** What a session is made with: options that are checked. */
export interface SettledOptions extends SessionOptions {
  fec?: FecDirections | undefined;
}

/** A copy of `options`, which later changes do not reach, checked for a session. @throws OptionError naming the first that is wrong. */
export function settledOptions<T extends SessionOptions>(options: T): T & SettledOptions {
  requireObject('options', options);
  const settled = { ...options, ...checked(options, SESSION_CHECKS) };
  const { mtu = MTU_DEFAULT, fec, cipher } = settled;
  const overhead = (fec?.encode ? FEC_OVERHEAD : 0) + (cipher?.overhead ?? 0);
  if (overhead > 0) requireMtu(mtu, overhead);
  return settled;
}

const DIRECTION_NAMES: OptionNames<FecDirections> = { encode: true, decode: true };

function requireFec(option: string, fec: unknown): FecDirections {
  requireObject(option, fec);
  const given = fec as Partial<FecShape> & FecDirections;
  if ('data' in given || 'parity' in given) {
    const shape = requireShape(option, given);
    return { encode: shape, decode: shape };
  }
  checkOptions(given, DIRECTION_NAMES, {}, option);
  const { encode, decode } = given;
  ensure(option, fec, 'encode' in given || 'decode' in given, '{ data, parity } or { encode, decode }');
  return {
    encode: encode === undefined ? encode : requireShape('fec.encode', encode),
    decode: decode === undefined ? decode : requireShape('fec.decode', decode),
  };
}

function requireRateLimit(option: string, value: unknown): number | RateBucket {
  if (isFunction((value as Partial<RateBucket> | null)?.join)) return value as RateBucket;
  return requireInteger(option, value, 0, RATE_MAX);
}

function requirePeerLoss(option: string, value: unknown): 'error' | 'complete' {
  return ensure(option, value, value === 'error' || value === 'complete', "'error' or 'complete'");
}

function requireCipher(option: string, cipher: unknown): Cipher {
  const { overhead, seal, open } = (cipher ?? {}) as Partial<Cipher>;
  const isRight = Number.isInteger(overhead) && isFunction(seal) && isFunction(open);
  return ensure(option, cipher, isRight, 'a Cipher with overhead, seal() and open()');
}
