// The options of both ends, checked and complete.

import type { SchedulerLike } from 'rxjs';
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
import type { ResumableOptions, ResumedOptions, ResumeOptions } from './options.ts';

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
