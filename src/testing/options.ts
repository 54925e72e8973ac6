// What a network can do to datagrams, with defaults and checks, in one place.

import type { SchedulerLike } from 'rxjs';
import { type OptionNames, requireFunction, requireInteger, requireObject } from '../check.ts';
import { OptionError } from '../errors.ts';
import { requireScheduler } from '../time/scheduler.ts';
import type { NetworkEvent } from './carry.ts';

/**
 * A Gilbert–Elliott channel: a network that is good for a while and bad for a while, and changes between the two, by
 * chance, with each datagram. A stay in the bad state is `1 / leave` datagrams long on average.
 */
export interface BurstLoss {
  /** Chance of a datagram in the good state to meet the bad one, 0 … 1. */
  readonly enter: number;
  /** Chance of a datagram in the bad state to meet the good one, 0 … 1. */
  readonly leave: number;
  /** Share lost in the bad state, 0 … 1. Default 1. */
  readonly bad?: number | undefined;
  /** Share lost in the good state, 0 … 1. Default 0. */
  readonly good?: number | undefined;
}

/** A narrow line, and the queue in front of it. */
export interface RateLimit {
  /** Rate of the path, in bytes per second, 1 or more. Datagrams count without the headers of IP and UDP. */
  readonly bytesPerSecond: number;
  /** Bytes that may wait for the line; a datagram that does not fit is lost. Default 65536. */
  readonly queueBytes?: number | undefined;
}

/** A time in which nothing comes through. */
export interface Blackout {
  /** When it begins, ms after the link was wrapped (for an operator: subscribed to). */
  readonly at: number;
  /** How long it lasts, ms. What is sent at its last ms is lost, what is sent one later is not. */
  readonly duration: number;
}

/** What one direction of a network does to datagrams, in the order in which it happens to them. Nothing, by default. */
export interface Impairments {
  /** Bytes of the largest datagram that comes through. Default: any. */
  readonly mtu?: number | undefined;
  /** Times in which nothing comes through. */
  readonly blackouts?: readonly Blackout[] | undefined;
  /** Share lost, each datagram by itself, 0 … 1. Default 0. */
  readonly loss?: number | undefined;
  /** Losses in bursts, in addition to `loss`. See {@link burstsOf}. */
  readonly burstLoss?: BurstLoss | undefined;
  /** Share in which one bit is turned over, 0 … 1. Bare KCP has no checksum: use it with a `cipher`. Default 0. */
  readonly corrupt?: number | undefined;
  /** Share that arrives twice, 0 … 1. Default 0. */
  readonly duplicate?: number | undefined;
  /** A narrow line. Default: as wide as one likes. */
  readonly rate?: RateLimit | undefined;
  /** One way, ms. Default 0. */
  readonly delay?: number | undefined;
  /** The delay varies by up to as much both ways, evenly distributed, ms. Does not reorder. Default 0. */
  readonly jitter?: number | undefined;
  /** Share held back so that later ones overtake, 0 … 1. Default 0. */
  readonly reorder?: number | undefined;
  /** How long those are held back, ms. Default: `2 · jitter + 10`. */
  readonly reorderBy?: number | undefined;
}

/** Where an impairment takes chance and time from. */
export interface ImpairedOptions {
  /** Seed: any 32-bit integer. Each impairment, and each direction, has its own random stream. Default 1. */
  readonly seed?: number | undefined;
  /** The clock. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. */
  readonly scheduler?: SchedulerLike | undefined;
  /** Is told what happens to each datagram. */
  readonly watch?: ((event: NetworkEvent) => void) | undefined;
}

const SHARES = ['loss', 'corrupt', 'duplicate', 'reorder'] as const;
const TIMES = ['delay', 'jitter', 'reorderBy'] as const;
/** An hour. */
const TIME_MAX = 3_600_000;

/** Names of what one direction of a network does. */
export const IMPAIRMENT_NAMES: OptionNames<Impairments> = {
  mtu: true,
  blackouts: true,
  loss: true,
  burstLoss: true,
  corrupt: true,
  duplicate: true,
  rate: true,
  delay: true,
  jitter: true,
  reorder: true,
  reorderBy: true,
};

/** Names of where an impairment takes chance and time from. */
export const IMPAIRED_NAMES: OptionNames<ImpairedOptions> = { seed: true, scheduler: true, watch: true };

/** @throws OptionError naming the first that is wrong. */
export function checkImpairments(impairments: Impairments): void {
  requireObject('impairments', impairments);
  const { mtu, blackouts, burstLoss, rate } = impairments;
  if (mtu !== undefined) requireInteger('mtu', mtu, 0, 65_535);
  for (const name of SHARES) if (impairments[name] !== undefined) requireShare(name, impairments[name]);
  for (const name of TIMES) if (impairments[name] !== undefined) requireTime(name, impairments[name], TIME_MAX);
  for (const [index, blackout] of (blackouts ?? []).entries()) {
    requireTime(`blackouts[${index}].at`, blackout.at, Number.MAX_SAFE_INTEGER);
    requireTime(`blackouts[${index}].duration`, blackout.duration, Number.MAX_SAFE_INTEGER);
  }
  if (burstLoss !== undefined) {
    const { enter, leave, bad = 1, good = 0 } = burstLoss;
    for (const [name, share] of Object.entries({ enter, leave, bad, good })) requireShare(`burstLoss.${name}`, share);
  }
  if (rate !== undefined) {
    requireInteger('rate.bytesPerSecond', rate.bytesPerSecond, 1, Number.MAX_SAFE_INTEGER);
    if (rate.queueBytes !== undefined) requireInteger('rate.queueBytes', rate.queueBytes, 0, Number.MAX_SAFE_INTEGER);
  }
}

/** @throws OptionError naming the first that is wrong. */
export function checkImpaired({ seed, scheduler, watch }: ImpairedOptions): void {
  if (seed !== undefined) requireInteger('seed', seed, -0x8000_0000, 0xffff_ffff);
  requireScheduler('scheduler', scheduler);
  if (watch !== undefined) requireFunction('watch', watch);
}

/**
 * The {@link BurstLoss} that loses `share` of all datagrams, in bursts of `length` on average.
 *
 * @param share 0 … 1, exclusive of 1.
 * @param length datagrams, 1 or more; at least `share / (1 − share)`.
 * @throws OptionError
 */
export function burstsOf(share: number, length: number): BurstLoss {
  requireShare('share', share);
  const leave = 1 / length;
  const enter = (leave * share) / (1 - share);
  if (!(leave > 0 && leave <= 1 && enter <= 1))
    throw new OptionError('length', length, 'at least 1 and share / (1 − share)');
  return { enter, leave };
}

function requireShare(option: string, value: unknown): void {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1))
    throw new OptionError(option, value, 'a share from 0 to 1');
}

function requireTime(option: string, value: unknown, max: number): void {
  if (typeof value !== 'number' || !(value >= 0 && value <= max)) {
    throw new OptionError(option, value, `a number of ms from 0 to ${max}`);
  }
}
