// Every option of a server, without those of its sessions.

import type { Observable } from 'rxjs';
import { type OptionNames, requireBoolean, requireInteger } from '../check.ts';
import { OptionError } from '../errors.ts';
import type { Address } from '../link/link.ts';
import { SESSION_NAMES, type SessionOptions } from '../session/options.ts';

/** Settings of a server, in addition to those of its sessions. */
export interface ServerOptions extends Omit<SessionOptions, 'conv'> {
  /**
   * ms without a packet from a peer after which its session ends with `IdleTimeoutError`, 0 … 86400000; 0: never. In the second half six probes
   * ask whether it is there, which every living KCP peer answers. Default 300000: a client that vanished does not stay forever.
   */
  idleTimeout?: number | undefined;
  /** Called with the address once the server is bound to it: the way to learn a port that the system chose. */
  onListening?: ((local: Address) => void) | undefined;
  /**
   * Sessions at a time, 1 … 1000000. When all are in use, the oldest one whose address is not proven makes room. If there is none, clients
   * beyond fail with `ServerFullError`. Default 65536.
   */
  maxSessions?: number | undefined;
  /**
   * What is done for an address before its peer has shown that it receives there, by echoing 32 bits that only it was sent:
   *
   * - `limit`: a session is made at once. Until the proof, three times the bytes received and one datagram leave for it, no segment more than five
   *   times; a 64th of `sendQueueBytes` may wait; and after 30 s without proof it ends with `AddressUnprovenError`. An ack is proof, so are
   *   answers to challenges; for the application nothing changes but that its first large message takes a round trip more.
   * - `before-delivery`: no session before the proof, which takes a round trip. A recorded conversation makes none.
   * - `off`: nothing, as in kcp-go. For hubs on which addresses cannot be forged.
   *
   * Default `limit`.
   */
  validate?: 'limit' | 'before-delivery' | 'off' | undefined;
  /**
   * Most sessions at a time with an unproven address, 0 … 1000000. Beyond that, an opener is answered by a challenge no longer than the opener, and
   * nothing is stored; the session is made when the answer comes. A client notices nothing but a retransmission. Default 128.
   */
  maxUnproven?: number | undefined;
  /**
   * New sessions per second and source network (24 bits of an IPv4 address, 56 of an IPv6 address), 1 … 1000000; as many may begin at once. Openers
   * beyond are dropped: clients retransmit them. Default: no limit.
   */
  maxNewSessions?: number | undefined;
  /**
   * Bytes received that may wait for the readers of all sessions together, 1 … 2^53 − 1; a segment counts as much as the largest datagram of its
   * peer. Beyond, the session that holds most ends with `ReceiveQueueFullError`. Default 268435456 (256 MiB).
   */
  maxReceiveBytes?: number | undefined;
  /**
   * Bytes that may wait to be sent in all sessions together, 1 … 2^53 − 1. Beyond, the session that holds most ends with `SendQueueFullError`.
   * Default 1073741824 (1 GiB).
   */
  maxQueueBytes?: number | undefined;
  /**
   * When a client begins another conversation from the address of a living session:
   *
   * - `proven`: the old session ends when the newcomer has answered a challenge. A forged or replayed opener ends nothing.
   * - `at-once`: the old session ends, as in kcp-go.
   *
   * Default `proven`.
   */
  takeover?: 'proven' | 'at-once' | undefined;
  /**
   * Whether sessions follow peers to another address, as when a NAT gives a client another port. A datagram that opens but comes from elsewhere
   * has that address challenged; the answer moves the session, once per second at most. Needs an AEAD cipher ({@link aesGcm},
   * {@link chacha20Poly1305}, {@link aeadCipher}): with any other, whoever knows the conversation could take it. Default false.
   */
  migrate?: boolean | undefined;
  /** Strangers at a time whose first segment is still missing, 1 … 4096; each may have up to 32 packets here. Default 128. */
  backlog?: number | undefined;
  /**
   * When it emits, the server closes gracefully: new clients are refused, and fail with `ServerClosingError`; sessions are completed; and when
   * the last of them has ended, `listen` completes. An error of it is one of the server. Default: the server closes when it is unsubscribed
   * from, and its sessions with it.
   */
  closing$?: Observable<unknown> | undefined;
}

const { conv: _, ...OTHERS } = SESSION_NAMES;

/** Names of what a server can be made with, apart from where it listens. */
export const SERVER_NAMES: OptionNames<ServerOptions> = {
  ...OTHERS,
  onListening: true,
  validate: true,
  maxUnproven: true,
  maxNewSessions: true,
  maxReceiveBytes: true,
  maxQueueBytes: true,
  takeover: true,
  migrate: true,
  maxSessions: true,
  backlog: true,
  closing$: true,
};

/** What a server limits, checked, with defaults. */
export interface ServerLimits {
  readonly receiveWindow: number;
  /** Whether other servers share the port. Conversations that this one does not know may be theirs. */
  readonly isShared: boolean;
  readonly maxSessions: number;
  readonly backlog: number;
  readonly validate: 'limit' | 'before-delivery' | 'off';
  readonly maxUnproven: number;
  readonly maxNewSessions: number | undefined;
  readonly maxReceiveBytes: number;
  readonly maxQueueBytes: number;
  readonly takeover: 'proven' | 'at-once';
  readonly migrate: boolean;
}

/** Default of `idleTimeout` of a server, ms. */
export const IDLE_TIMEOUT = 300_000;

/** The limits that `options` set. @throws OptionError naming the first that is wrong. */
export function serverLimits(options: ServerOptions, receiveWindow: number, isShared: boolean): ServerLimits {
  const {
    maxSessions = 65_536,
    backlog = 128,
    validate = 'limit',
    maxUnproven = 128,
    maxNewSessions,
    maxReceiveBytes = 256 * 2 ** 20,
    maxQueueBytes = 2 ** 30,
    takeover = 'proven',
    migrate = false,
    cipher,
  } = options;
  requireInteger('maxSessions', maxSessions, 1, 1_000_000);
  requireInteger('backlog', backlog, 1, 4096);
  requireOneOf('validate', validate, 'limit', 'before-delivery', 'off');
  requireInteger('maxUnproven', maxUnproven, 0, 1_000_000);
  if (maxNewSessions !== undefined) requireInteger('maxNewSessions', maxNewSessions, 1, 1_000_000);
  requireInteger('maxReceiveBytes', maxReceiveBytes, 1, Number.MAX_SAFE_INTEGER);
  requireInteger('maxQueueBytes', maxQueueBytes, 1, Number.MAX_SAFE_INTEGER);
  requireOneOf('takeover', takeover, 'proven', 'at-once');
  requireBoolean('migrate', migrate);
  if (migrate && !cipher?.forOneEnd) throw new OptionError('migrate', migrate, 'false without an AEAD cipher');
  return {
    receiveWindow,
    isShared,
    maxSessions,
    backlog,
    validate,
    maxUnproven,
    maxNewSessions,
    maxReceiveBytes,
    maxQueueBytes,
    takeover,
    migrate,
  };
}

function requireOneOf(option: string, value: string, ...values: string[]): void {
  if (values.includes(value)) return;
  throw new OptionError(option, value, `one of ${values.map((each) => `'${each}'`).join(', ')}`);
}
