// Every option of a smux session and of a stream.

import type { SchedulerLike } from 'rxjs';
import { type Checks, checked, checkOptions, integer, type OptionNames, requireBoolean } from '../check.ts';
import { MUX_CORE_NAMES, type MuxCoreOptions, type MuxSettings, muxSettings } from '../core/mux/settings.ts';
import { requireScheduler } from '../time/scheduler.ts';

/** How a smux session is set up. Both ends must agree on `version`, and only on that. */
export interface MuxOptions extends MuxCoreOptions {
  /** Bytes of one stream that may wait to be sent, 1 … 2^53 − 1; the first message that waits may be of any size. Default 4 MiB. */
  sendQueueBytes?: number | undefined;
  /**
   * Whether streams stay open for sending when the peer has finished and everything that it sent was read. Default false: then they
   * complete themselves, as sockets of Node do. `toDuplex` and `toWebStreams` see to that themselves.
   */
  allowHalfOpen?: boolean | undefined;
  /** The clock. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. See `monotonicScheduler`. */
  scheduler?: SchedulerLike | undefined;
}

/** How a stream is opened. */
export interface OpenOptions {
  /** Share of the connection relative to other streams that have something to send, 1 … 256. Default 1. */
  weight?: number | undefined;
}

interface DriverOptions extends Omit<MuxOptions, keyof MuxCoreOptions> {}

const DRIVER_CHECKS = {
  sendQueueBytes: /* @__PURE__ */ integer(1, Number.MAX_SAFE_INTEGER),
  allowHalfOpen: requireBoolean,
  scheduler: requireScheduler,
} satisfies Checks<DriverOptions>;

const NAMES: OptionNames<MuxOptions> = { ...MUX_CORE_NAMES, ...DRIVER_CHECKS };
const OPEN_CHECKS = { weight: /* @__PURE__ */ integer(1, 256) } satisfies Checks<OpenOptions>;

/** The same, checked and complete. */
export interface DriverSettings {
  readonly core: MuxSettings;
  readonly sendQueueBytes: number;
  readonly allowHalfOpen: boolean;
  readonly scheduler: SchedulerLike | undefined;
}

/** @throws OptionError naming the first that is wrong. */
export function driverSettings(options: MuxOptions): DriverSettings {
  checkOptions(options, NAMES);
  const { sendQueueBytes, allowHalfOpen, scheduler, ...core } = options;
  const own = checked({ sendQueueBytes, allowHalfOpen, scheduler }, DRIVER_CHECKS);
  return {
    sendQueueBytes: 4 * 1024 * 1024,
    allowHalfOpen: false,
    scheduler: undefined,
    ...own,
    core: muxSettings(core),
  };
}

/** @throws OptionError */
export function requireWeight(options: OpenOptions): number {
  checkOptions(options, OPEN_CHECKS);
  return checked(options, OPEN_CHECKS).weight ?? 1;
}
