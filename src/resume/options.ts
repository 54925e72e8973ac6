// Every option of both ends of a resumable session.

import type { SchedulerLike } from 'rxjs';
import type { ReconnectingOptions } from '../../operators/reconnecting.ts';
import { type RandomSource, systemRandom } from '../bytes/random.ts';
import {
  type Checks,
  checked,
  checkOptions,
  ensure,
  integer,
  isFunction,
  type OptionNames,
  requireBoolean,
  requireFunction,
  requireObject,
} from '../check.ts';
import type { ResumeStore } from '../core/resume/record.ts';
import {
  RESUME_CORE_NAMES,
  type ResumeCoreOptions,
  type ResumeSettings,
  resumeSettings,
} from '../core/resume/settings.ts';
import { requireScheduler } from '../time/scheduler.ts';

/** What both ends of a resumable session can be configured with. */
export interface ResumeOptions extends ResumeCoreOptions {
  /** ms that the first frame of the peer may take, before the connection is closed, 1 … 2147483647. Default 10000. */
  handshakeTimeout?: number | undefined;
  /**
   * ms that the session lives without a connection, 1 … 2147483647. Default: 60000 at a server; at a client what the server
   * has told.
   */
  expireAfter?: number | undefined;
  /**
   * Whether messages fail (`error`) or complete when the peer or the network has ended the session; `closed$` has the error in both cases.
   * Default: `error` at a client, `complete` at a server.
   */
  peerLoss?: 'error' | 'complete' | undefined;
  /**
   * Whether the session stays open for sending when the peer has finished and everything that it sent was read. Default false: then it
   * completes itself. `toDuplex` and `toWebStreams` see to that themselves.
   */
  allowHalfOpen?: boolean | undefined;
  /** Where ids and secrets come from. It must be unguessable. Default: the system's generator. */
  random?: RandomSource | undefined;
  /** The clock. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. See `monotonicScheduler`. */
  scheduler?: SchedulerLike | undefined;
}

/** Options of {@link resumable}. */
export interface ResumableOptions extends ResumeOptions {
  /** How to dial again; see `ReconnectingOptions` of `rxkcp/operators`. After `giveUp`, the session fails. */
  reconnect?: Omit<ReconnectingOptions, 'scheduler'> | undefined;
}

/** Options of {@link resumed}. */
export interface ResumedOptions extends ResumeOptions {
  /** Where sessions are kept. Servers with the same store can continue each other's sessions. Default: the memory of this operator. */
  store?: ResumeStore | undefined;
  /** Sessions at this server, with a connection or without, 1 … 2147483647; further ones are refused. Default 65536. */
  maxSessions?: number | undefined;
}

type DriverOptions = Omit<ResumeOptions, keyof ResumeCoreOptions>;

const DRIVER_CHECKS = {
  handshakeTimeout: /* @__PURE__ */ integer(1, 0x7fff_ffff),
  expireAfter: /* @__PURE__ */ integer(1, 0x7fff_ffff),
  peerLoss: (option: string, value: unknown): 'error' | 'complete' =>
    ensure(option, value, value === 'error' || value === 'complete', "'error' or 'complete'"),
  allowHalfOpen: requireBoolean,
  random: (option: string, value: unknown): RandomSource => requireFunction(option, value),
  scheduler: requireScheduler,
} satisfies Checks<DriverOptions>;

const NAMES: OptionNames<ResumeOptions> = { ...RESUME_CORE_NAMES, ...DRIVER_CHECKS };
const CLIENT_NAMES: OptionNames<ResumableOptions> = { ...NAMES, reconnect: true };
const SERVER_NAMES: OptionNames<ResumedOptions> = { ...NAMES, store: true, maxSessions: true };

/** The same, checked and complete. */
export interface DriverSettings {
  readonly core: ResumeSettings;
  readonly handshakeTimeout: number;
  readonly expireAfter: number | undefined;
  readonly peerLoss: 'error' | 'complete';
  readonly allowHalfOpen: boolean;
  readonly random: RandomSource;
  readonly scheduler: SchedulerLike | undefined;
}

/** Settings of a server. */
export interface ServerSettings extends DriverSettings {
  readonly expireAfter: number;
  readonly store: ResumeStore | undefined;
  readonly maxSessions: number;
}

/** @throws OptionError naming the first that is wrong. */
export function clientSettings(options: ResumableOptions): DriverSettings {
  checkOptions(options, CLIENT_NAMES);
  const { reconnect, ...rest } = options;
  if (reconnect !== undefined) requireObject('reconnect', reconnect);
  return { expireAfter: undefined, peerLoss: 'error', ...driverSettings(rest) };
}

/** @throws OptionError naming the first that is wrong. */
export function serverSettings(options: ResumedOptions): ServerSettings {
  checkOptions(options, SERVER_NAMES);
  const { store, maxSessions = 65_536, ...rest } = options;
  integer(1, 0x7fff_ffff)('maxSessions', maxSessions);
  if (store !== undefined) requireStore(store);
  return { expireAfter: 60_000, peerLoss: 'complete', ...driverSettings(rest), store, maxSessions };
}

function driverSettings(options: ResumeOptions) {
  const { handshakeTimeout, expireAfter, peerLoss, allowHalfOpen, random, scheduler, ...core } = options;
  const own = checked({ handshakeTimeout, expireAfter, peerLoss, allowHalfOpen, random, scheduler }, DRIVER_CHECKS);
  const defaults = { handshakeTimeout: 10_000, allowHalfOpen: false, random: systemRandom, scheduler: undefined };
  return { ...defaults, ...own, core: resumeSettings(core) };
}

function requireStore(store: unknown): void {
  const { create, read, update, remove } = (store ?? {}) as Partial<ResumeStore>;
  const isRight = [create, read, update, remove].every(isFunction);
  ensure('store', store, isRight, 'a ResumeStore with create, read, update and remove');
}
