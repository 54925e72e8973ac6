// Every option of a conversation, with its default and its check, in one place.

import type { SchedulerLike } from 'rxjs';
import type { ArqMemory, ArqMemorySettings } from './arq-types.ts';
import type { Cipher } from './crypto/cipher.ts';
import { OptionError } from './errors.ts';
import { FEC_OVERHEAD } from './fec/header.ts';
import { type FecShape, GROUP_MAX } from './fec/shape.ts';
import type { Tunables } from './kcp/tunables.ts';
import type { RandomSource } from './random.ts';

/** How eagerly lost segments are sent again: kcp's four "nodelay" parameters. */
export interface ModeParameters {
  /** Minimum RTO of 30 ms instead of 100, and a timeout grows by half an RTO instead of a whole one. */
  readonly nodelay: boolean;
  /** ms between flushes, 10 … 5000: how long an ack may wait for company. */
  readonly interval: number;
  /** Later segments acknowledged after which one counts as lost, 0 … 255; 0: only its timeout tells. */
  readonly resend: number;
  /** No congestion window: only the two send and receive windows limit what is in flight. */
  readonly nc: boolean;
}

/** Name of a preset, from the thriftiest to the most eager. */
export type ModeName = 'normal' | 'fast' | 'fast2' | 'fast3';

/** kcptun's presets. */
export const MODES: Readonly<Record<ModeName, ModeParameters>> = {
  normal: { nodelay: false, interval: 40, resend: 2, nc: true },
  fast: { nodelay: false, interval: 30, resend: 2, nc: true },
  fast2: { nodelay: true, interval: 20, resend: 2, nc: true },
  fast3: { nodelay: true, interval: 10, resend: 2, nc: true },
};

/** What can be set when a conversation starts and changed while it runs. */
export interface TunableOptions {
  /** A preset, or its four parameters. Default `'fast'`. */
  mode?: ModeName | ModeParameters | undefined;
  /** Segments in flight and queued before sending has to wait, 1 … 65535. Default 128. */
  sendWindow?: number | undefined;
  /** Segments kept for a reader that has not read them, 1 … 65535. Default 128. */
  receiveWindow?: number | undefined;
  /** Largest UDP payload in bytes, 50 … 1500. Default 1400. */
  mtu?: number | undefined;
  /** Bytes instead of messages: borders are not kept, and small writes share segments. Default false. */
  stream?: boolean | undefined;
  /** Acknowledge with every burst instead of at the next flush. Default false. */
  ackNoDelay?: boolean | undefined;
  /** Let what is sent wait for the next flush, so that small messages share packets. Default false. */
  writeDelay?: boolean | undefined;
  /** ms without a word from the peer, probes included, after which the session fails; 0 is never. Default 0. */
  idleTimeout?: number | undefined;
  /** Transmissions of one segment after which the session fails, 2 … 1000. Default 20. */
  deadLink?: number | undefined;
}

/** What happens to the datagrams of a session on their way to the link; can be changed while it runs. */
export interface OutletOptions {
  /**
   * Bytes a second that may leave, headers of all layers above UDP included, 0 … 4294967295; 0: no limit. After a pause
   * 96000 may leave at once. Up to 2048 datagrams or 4 MiB wait; what is more is dropped (`stats().packetsDropped`). KCP repeats
   * what waits for longer than an RTO: choose a `sendWindow` to go with the rate. Default 0.
   */
  rateLimit?: number | undefined;
  /** How many more times each datagram is sent, 0 … 100, parity excepted: for tests. Default 0. */
  duplicates?: number | undefined;
}

/** What can be changed while a session runs. */
export interface SessionTunableOptions extends TunableOptions, OutletOptions {}

/** What an ARQ, and so a session, can be made with. */
export interface ArqOptions extends TunableOptions {
  /** Conversation id, 0 … 4294967295; both ends must agree. Default: random for one who connects. */
  conv?: number | undefined;
  /** Bytes that may wait when the send window is full. Default 64 MiB. */
  sendQueueBytes?: number | undefined;
  /** Segments that may wait when the send window is full. Default 65536. */
  sendQueueSegments?: number | undefined;
  /** The clock. Default {@link monotonicScheduler}. */
  scheduler?: SchedulerLike | undefined;
  /** Where randomness comes from. Default: the system's generator. */
  random?: RandomSource | undefined;
}

/** Bytes of the largest datagram, unless said otherwise. */
export const MTU_DEFAULT = 1400;
/** Smallest MTU: a header, and room for some data. */
const MTU_MIN = 50;
/** Largest rate limit, as on the reference (uint32). */
export const RATE_MAX = 0xffff_ffff;
/** Largest, as on the reference (mtuLimit). */
export const MTU_MAX = 1500;

/** Settings of the driver, beside those of the control block. */
export interface DriverSettings {
  writeDelay: boolean;
  sendQueueBytes: number;
  sendQueueSegments: number;
}

export type ArqSettings = Tunables & DriverSettings;

const DEFAULTS: ArqSettings = {
  ...MODES.fast,
  sendWindow: 128,
  receiveWindow: 128,
  mtu: MTU_DEFAULT,
  stream: false,
  ackNoDelay: false,
  writeDelay: false,
  idleTimeout: 0,
  deadLink: 20,
  sendQueueBytes: 64 * 1024 * 1024,
  sendQueueSegments: 65_536,
};

const INTEGER_RANGES = {
  sendWindow: [1, 65_535],
  receiveWindow: [1, 65_535],
  mtu: [MTU_MIN, MTU_MAX],
  idleTimeout: [0, 86_400_000],
  deadLink: [2, 1000],
  sendQueueBytes: [1, Number.MAX_SAFE_INTEGER],
  sendQueueSegments: [1, Number.MAX_SAFE_INTEGER],
} as const;

const FIXED = ['conv', 'sendQueueBytes', 'sendQueueSegments', 'scheduler', 'random'] as const;

const BOOLEANS = ['stream', 'ackNoDelay', 'writeDelay'] as const;

/** `options` with defaults filled in. @throws OptionError naming the first that is wrong. */
export function arqSettings(options: ArqOptions): ArqSettings {
  requireObject('options', options);
  if (options.conv !== undefined) requireInteger('conv', options.conv, 0, 0xffff_ffff);
  if (options.random !== undefined) requireFunction('random', options.random);
  requireScheduler(options.scheduler);
  return { ...DEFAULTS, ...changedSettings(options) };
}

/** Most bytes of headroom. */
const HEADROOM_MAX = 64;

/** `memory` with defaults filled in. @throws OptionError naming the first that is wrong. */
export function arqMemory(memory: ArqMemory): ArqMemorySettings {
  requireObject('memory', memory);
  const { lent = false, headroom = 0, reused = false } = memory;
  return {
    lent: requireBoolean('lent', lent),
    headroom: requireInteger('headroom', headroom, 0, HEADROOM_MAX),
    reused: requireBoolean('reused', reused),
  };
}

/** The settings that `options` names, checked. @throws OptionError naming the first that is wrong. */
export function changedSettings(options: ArqOptions): Partial<ArqSettings> {
  requireObject('options', options);
  const changed: Partial<ArqSettings> = options.mode === undefined ? {} : { ...modeParameters(options.mode) };
  for (const [name, [min, max]] of Object.entries(INTEGER_RANGES)) {
    const key = name as keyof typeof INTEGER_RANGES;
    const value = options[key];
    if (value !== undefined) changed[key] = requireInteger(key, value, min, max);
  }
  for (const key of BOOLEANS) {
    const value = options[key];
    if (value !== undefined) changed[key] = requireBoolean(key, value);
  }
  return changed;
}

/** The settings that `changes` names, if all of them can be changed while a conversation runs. @throws OptionError */
export function runningSettings(changes: TunableOptions): Partial<ArqSettings> {
  const changed = changedSettings(changes);
  for (const option of FIXED) {
    const value = (changes as ArqOptions)[option];
    if (value !== undefined) throw new OptionError(option, value, 'set when the session is made, not while it runs');
  }
  return changed;
}

function modeParameters(mode: ModeName | ModeParameters): ModeParameters {
  if (typeof mode === 'string') {
    if (!Object.hasOwn(MODES, mode)) {
      throw new OptionError(
        'mode',
        mode,
        `one of ${Object.keys(MODES).join(', ')}, or { nodelay, interval, resend, nc }`,
      );
    }
    return MODES[mode];
  }
  requireObject('mode', mode);
  return {
    nodelay: requireBoolean('mode.nodelay', mode.nodelay),
    interval: requireInteger('mode.interval', mode.interval, 10, 5000),
    resend: requireInteger('mode.resend', mode.resend, 0, 255),
    nc: requireBoolean('mode.nc', mode.nc),
  };
}

/** The MTU of a session whose link adds `overhead` bytes to each packet. */
export function requireMtu(mtu: unknown, overhead: number): void {
  requireInteger('mtu', mtu, MTU_MIN + overhead, MTU_MAX);
}

export function requireInteger(option: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw new OptionError(option, value, `an integer from ${min} to ${max}`);
}

export function requireBoolean(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new OptionError(option, value, 'true or false');
}

export function requireFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw new OptionError(option, value, 'a function');
}

export function requireObject(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new OptionError(option, value, 'an object');
}

/** Names a host, or leaves it to the default. */
export function requireHost(option: string, value: unknown): void {
  if (value !== undefined && (typeof value !== 'string' || value === '')) {
    throw new OptionError(option, value, 'a host name or an IP address');
  }
}

/** Is a scheduler, or leaves it to the default. */
export function requireScheduler(value: unknown): void {
  if (value === undefined) return;
  const candidate = value as Partial<SchedulerLike> | null;
  if (typeof candidate?.now === 'function' && typeof candidate.schedule === 'function') return;
  throw new OptionError('scheduler', value, 'an RxJS scheduler with now() and schedule()');
}

/** A copy of `value`, which later changes do not reach. */
export function requireShape(option: string, value: unknown): FecShape {
  requireObject(option, value);
  const { data, parity } = value as Partial<FecShape>;
  return {
    data: requireInteger(`${option}.data`, data, 1, GROUP_MAX - 1),
    parity: requireInteger(`${option}.parity`, parity, 1, GROUP_MAX - (data as number)),
  };
}

/** Shapes of the two directions. */
export interface FecDirections {
  /** Of the groups this end sends. Default: it sends none. */
  encode?: FecShape | undefined;
  /** Of the groups the peer sends, if that is known. Default: it is found out. */
  decode?: FecShape | undefined;
}

/** What can be set for a session beside its conversation. */
export interface SessionOptions extends ArqOptions, OutletOptions {
  /** Seals every datagram; both ends must use the same with the same key. Default: none, packets travel bare. */
  cipher?: Cipher | undefined;
  /**
   * Forward error correction: one shape for both directions, or one for each. Takes 8 bytes off the MTU. A peer that
   * uses it is always understood. Default: none is sent.
   */
  fec?: FecShape | FecDirections | undefined;
}

/** `options` checked for a session, with defaults filled in. @throws OptionError naming the first that is wrong. */
export function sessionSettings(options: SessionOptions): ArqSettings {
  const settings = arqSettings(options);
  checkOutlet(options);
  const { cipher } = options;
  let overhead = fecSettings(options).encode === undefined ? 0 : FEC_OVERHEAD;
  if (cipher !== undefined) overhead += requireCipher(cipher);
  if (overhead > 0) requireMtu(settings.mtu, overhead);
  return settings;
}

/** @throws OptionError */
export function checkOutlet({ rateLimit, duplicates }: OutletOptions): void {
  if (rateLimit !== undefined) requireInteger('rateLimit', rateLimit, 0, RATE_MAX);
  if (duplicates !== undefined) requireInteger('duplicates', duplicates, 0, 100);
}

/** The shapes of both directions, checked. @throws OptionError naming the first that is wrong. */
export function fecSettings({ fec }: SessionOptions): FecDirections {
  if (fec === undefined) return {};
  requireObject('fec', fec);
  if ('data' in fec || 'parity' in fec) {
    const shape = requireShape('fec', fec);
    return { encode: shape, decode: shape };
  }
  const { encode, decode } = fec as FecDirections;
  return {
    encode: encode && requireShape('fec.encode', encode),
    decode: decode && requireShape('fec.decode', decode),
  };
}

/** Returns the cipher's overhead. */
function requireCipher(cipher: unknown): number {
  const { overhead, seal, open } = (cipher ?? {}) as Partial<Cipher>;
  if (!Number.isInteger(overhead) || typeof seal !== 'function' || typeof open !== 'function') {
    throw new OptionError('cipher', cipher, 'a Cipher with overhead, seal() and open()');
  }
  return overhead as number;
}
