// Every option of a conversation, with its default and its check, in one place.

import type { SchedulerLike } from 'rxjs';
import { requireBundle } from '#bundling';
import { controllerOf, PRESETS, requireController, requireNc, requireSendWindow, settled } from '#controller';
import type { RandomSource } from '../bytes/random.ts';
import {
  type Checks,
  checked,
  checkOptions,
  ensure,
  integer,
  requireAll,
  requireBoolean,
  requireFunction,
  requireInteger,
} from '../check.ts';
import type { Controlling } from '../core/congestion/congestion-control.ts';
import type { Controller, ControllerFactory } from '../core/congestion/controller.ts';
import type { BundleLimits, Bundling } from '../core/kcp/bundle.ts';
import type { MakeFarewell } from '../core/kcp/farewell.ts';
import type { Tunables } from '../core/kcp/tunables.ts';
import { MTU_DEFAULT, MTU_MAX, MTU_MIN } from '../limits.ts';
import { requireScheduler } from '../time/scheduler.ts';
import type { ModeName, ModeParameters } from './modes.ts';

/** Name of a kind of congestion control. */
export type ControllerName = 'none' | 'kcp' | 'cubic' | 'model';

/** What can be set when a conversation starts and changed while it runs. */
export interface TunableOptions {
  /**
   * A preset, or its four parameters. Default `'fast'`. On Node also `'bulk'`: `'fast3'` with the controller `'model'` and `sendWindow: 'auto'`, for
   * as many bytes as a path takes, without harm to those that share it.
   */
  mode?: ModeName | 'bulk' | ModeParameters | undefined;
  /**
   * Segments in flight and queued before sending has to wait, 1 … 65535. Default 128. `'auto'`, on Node and with a `controller` other than `'kcp'`: twice
   * what that allows to be on its way, 32 at least.
   */
  sendWindow?: number | 'auto' | undefined;
  /** Segments kept for a reader that has not read them, 1 … 65535. Default 128. */
  receiveWindow?: number | undefined;
  /** Largest UDP payload in bytes, 50 … 1472. Default 1400. Datagrams of up to 1500 bytes are received in any case. */
  mtu?: number | undefined;
  /** Sends a byte stream: message boundaries are lost, and small writes share segments. Default false. */
  stream?: boolean | undefined;
  /** Acknowledge with every burst instead of at the next flush. Default false. */
  ackNoDelay?: boolean | undefined;
  /**
   * Has segments that are not acknowledged yet go along with later datagrams, where there is room: a lost message then arrives with the next
   * one. What {@link bundling} returns, or, on Node, its argument; `false` is never. Default: of sessions on Node `'adaptive'`, `false` with
   * `fec`, whose parity would be as long as the longest datagram; elsewhere, and of `arq`, `false`.
   */
  bundle?: 'adaptive' | BundleLimits | Bundling | false | undefined;
  /**
   * Congestion control: how much may be on its way, and how fast it leaves. Default: what the mode has, `'none'` in all presets.
   *
   * - `'none'`: the two windows alone, as kcp-go with `nc` of 1.
   * - `'kcp'`: kcp-go's congestion window, as with `nc` of 0.
   * - `'cubic'`: RFC 9438, paced. Fair to TCP; slow where packets are lost at random.
   * - `'model'`: keeps queues short, whatever is lost at random, and shares a line with TCP. See {@link model}.
   * - a {@link Controller}, for one session, or a function that makes one for each.
   *
   * In a page what {@link controlling} returns, `kcpWindow`, or `'none'`: a page carries only what it uses.
   */
  controller?: ControllerName | Controller | ControllerFactory | Controlling | false | undefined;
  /** Let what is sent wait for the next flush, so that small messages share packets. Default false. */
  writeDelay?: boolean | undefined;
  /** ms without a word from the peer, probes included, after which the session fails; 0 is never. Default 0. */
  idleTimeout?: number | undefined;
  /**
   * ms without any packet from the peer, while something waits for an answer, after which the session fails, 0 … 86400000; 0 is
   * never. Default 30000.
   */
  deadAfter?: number | undefined;
  /** Transmissions of one segment after which the session fails, 2 … 1000 (kcp-go counts to 20); 0: their number does not matter. Default 0. */
  deadLink?: number | undefined;
}

/** What a conversation, and so a session, can be made with. */
export interface ConversationOptions extends TunableOptions {
  /**
   * Conversation id, 0 … 4294967295; both ends must agree. Default: random for one who connects, which is right for whoever meets a server.
   * Under an id that was used before from the same port, what is new may be taken for a repetition of what was.
   */
  conv?: number | undefined;
  /** Bytes that may wait when the send window is full. Default 64 MiB. */
  sendQueueBytes?: number | undefined;
  /** Segments that may wait when the send window is full. Default 65536. */
  sendQueueSegments?: number | undefined;
  /** The clock. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. See `monotonicScheduler`. */
  scheduler?: SchedulerLike | undefined;
  /** Source of randomness: the conversation id, and the offset of a session's timestamps. Default: the system's generator. */
  random?: RandomSource | undefined;
}

/** What `arq` can be made with. */
export interface ArqOptions extends ConversationOptions {
  /**
   * Whether everything below, down to the link, lets go of packets in the order in which `transmit` emits them, and of none
   * before it has left: `sendsInOrder` of the link, if no layer in between delays single packets or shows them to others. Then the memory
   * of those that the peer has acknowledged is written to again. Default false: packets stay as they are.
   */
  sendsInOrder?: boolean | undefined;
}

/** A cap on what may wait. */
const cap = /* @__PURE__ */ integer(1, Number.MAX_SAFE_INTEGER);

/** What can be changed while a conversation runs. */
export const TUNABLE_CHECKS = {
  mode: requireMode,
  sendWindow: requireSendWindow,
  receiveWindow: /* @__PURE__ */ integer(1, 65_535),
  mtu: /* @__PURE__ */ integer(MTU_MIN, MTU_MAX),
  stream: requireBoolean,
  ackNoDelay: requireBoolean,
  bundle: requireBundle,
  controller: requireController,
  writeDelay: requireBoolean,
  idleTimeout: /* @__PURE__ */ integer(0, 86_400_000),
  deadAfter: /* @__PURE__ */ integer(0, 86_400_000),
  deadLink: requireDeadLink,
} satisfies Checks<TunableOptions>;

/** What a conversation can be made with. */
export const CONVERSATION_CHECKS = {
  ...TUNABLE_CHECKS,
  conv: /* @__PURE__ */ integer(0, 0xffff_ffff),
  sendQueueBytes: cap,
  sendQueueSegments: cap,
  scheduler: requireScheduler,
  random: requireFunction<RandomSource>,
} satisfies Checks<ConversationOptions>;

/** What `arq` can be made with. */
export const ARQ_CHECKS = { ...CONVERSATION_CHECKS, sendsInOrder: requireBoolean } satisfies Checks<ArqOptions>;

/** Settings of the control block and of its driver. */
export interface ArqSettings extends Tunables, Pick<ArqOptions, 'conv' | 'scheduler' | 'random'> {
  writeDelay: boolean;
  sendQueueBytes: number;
  sendQueueSegments: number;
  sendsInOrder?: boolean;
  /** Set for sessions. Their timestamps then come from a clock with a random offset, which strangers cannot guess. */
  farewell?: MakeFarewell;
}

type ModeSettings = ModeParameters & Pick<Tunables, 'controller'>;

const DEFAULTS: Omit<ArqSettings, keyof ModeSettings> = {
  sendWindow: 128,
  receiveWindow: 128,
  mtu: MTU_DEFAULT,
  stream: false,
  ackNoDelay: false,
  writeDelay: false,
  idleTimeout: 0,
  deadAfter: 30_000,
  deadLink: 0,
  sendQueueBytes: 64 * 1024 * 1024,
  sendQueueSegments: 65_536,
};

/** `options` with defaults filled in. @throws OptionError naming the first that is wrong. */
export function arqSettings(options: ArqOptions): ArqSettings {
  const { mode = 'fast', ...others } = checked(options, ARQ_CHECKS);
  return settled({ ...DEFAULTS, ...modeSettings(mode), ...others });
}

/** The settings that `changes` names, if all of them can be changed while a conversation runs. @throws OptionError */
export function runningSettings(changes: TunableOptions): Partial<ArqSettings> {
  checkOptions(changes, TUNABLE_CHECKS, ARQ_CHECKS);
  const { mode, ...others } = checked(changes, TUNABLE_CHECKS);
  return settled({ ...(mode && modeSettings(mode)), ...others });
}

/** What `mode` sets: the controller, too. */
function modeSettings(mode: ModeName | ModeParameters): ModeSettings {
  const parameters = typeof mode === 'string' ? PRESETS[mode] : mode;
  return { ...parameters, controller: controllerOf(parameters) };
}

const MODE_CHECKS: Checks<ModeParameters> = {
  nodelay: requireBoolean,
  interval: /* @__PURE__ */ integer(10, 5000),
  resend: /* @__PURE__ */ integer(0, 255),
  nc: requireNc,
};

/** Names stay names: what they stand for, `modeSettings` knows. */
function requireMode(option: string, value: unknown): ModeName | ModeParameters {
  if (typeof value !== 'string') return requireAll(option, value, MODE_CHECKS);
  const range = `one of ${Object.keys(PRESETS).join(', ')}, or { nodelay, interval, resend, nc }`;
  return ensure(option, value, Object.hasOwn(PRESETS, value), range);
}

function requireDeadLink(option: string, value: unknown): number {
  ensure(option, value, value !== 1, '0, or an integer from 2 to 1000');
  return requireInteger(option, value, 0, 1000);
}
