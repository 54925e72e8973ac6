// What a shared line and the flows through it are like, with defaults and checks, in one place.

import type { SchedulerLike } from 'rxjs';
import { checkOptions, ensure, type OptionNames, requireInteger } from '../../check.ts';
import { requireScheduler } from '../../time/scheduler.ts';
import { QUEUE_BYTES_DEFAULT } from '../limits.ts';
import { checkImpairments } from '../options.ts';

/** Parameters of CoDel (RFC 8289), which drops datagrams while even the shortest wait in the queue stays too long. */
export interface CoDelOptions {
  /** Wait in the queue that is acceptable, ms, above 0. Default 5. */
  readonly target?: number | undefined;
  /** Time that the wait may stay above `target`, ms, above 0: about one round trip. Default 100. */
  readonly interval?: number | undefined;
}

/** A line that several flows share. */
export interface BottleneckOptions {
  /** Rate of the line, in bytes per second, 1 or more. `overhead` counts, too. */
  readonly bytesPerSecond: number;
  /** Capacity of the queue in front of the line, in bytes. A datagram that does not fit is dropped. Default 65,536. */
  readonly queueBytes?: number | undefined;
  /** Manages the queue so that it stays short. Default: only the capacity limits it (drop-tail). */
  readonly codel?: CoDelOptions | undefined;
  /** Propagation delay, in ms per direction; may have fractions. Default 0. */
  readonly delay?: number | undefined;
  /** Share of datagrams that are lost at random after the line has carried them, 0 … 1. Default 0. */
  readonly loss?: number | undefined;
  /** Bytes by which layers below make each datagram longer, 0 … 1500. Default 28: IPv4 and UDP. */
  readonly overhead?: number | undefined;
  /** Seed of the random losses: any 32-bit integer. Each flow and each direction draws independently. Default 1. */
  readonly seed?: number | undefined;
  /** The clock. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** One flow through a shared line. */
export interface FlowOptions {
  /** Propagation delay, in ms per direction; may have fractions. Default: the delay of the line. */
  readonly delay?: number | undefined;
  /** Share of datagrams that are lost at random on the return path, 0 … 1. Default 0. */
  readonly returnLoss?: number | undefined;
  /**
   * Time that an arriving datagram may wait for others to form one burst, in ms, in both directions, as with a network card that
   * coalesces interrupts. Default 0: each datagram arrives at its own time.
   */
  readonly coalesce?: number | undefined;
}

export interface SettledBottleneck extends BottleneckOptions {
  readonly queueBytes: number;
  readonly delay: number;
  readonly loss: number;
  readonly overhead: number;
  readonly seed: number;
}

const BOTTLENECK_NAMES: OptionNames<BottleneckOptions> = {
  bytesPerSecond: true,
  queueBytes: true,
  codel: true,
  delay: true,
  loss: true,
  overhead: true,
  seed: true,
  scheduler: true,
};

const FLOW_NAMES: OptionNames<FlowOptions> = { delay: true, returnLoss: true, coalesce: true };
const CODEL_NAMES: OptionNames<CoDelOptions> = { target: true, interval: true };
/** An hour, ms. */
const TIME_MAX = 3_600_000;

/** @throws OptionError if an option is invalid; `error.option` names it. */
export function settledBottleneck(options: BottleneckOptions): SettledBottleneck {
  checkOptions(options, BOTTLENECK_NAMES);
  const { bytesPerSecond, queueBytes = QUEUE_BYTES_DEFAULT, codel } = options;
  const { delay = 0, loss = 0, overhead = 28, seed = 1, scheduler } = options;
  requireRate(bytesPerSecond);
  requireInteger('queueBytes', queueBytes, 0, Number.MAX_SAFE_INTEGER);
  checkImpairments({ delay, loss });
  requireInteger('overhead', overhead, 0, 1500);
  requireInteger('seed', seed, -0x8000_0000, 0xffff_ffff);
  requireScheduler('scheduler', scheduler);
  if (codel !== undefined) {
    checkOptions(codel, CODEL_NAMES, {}, 'codel');
    if (codel.target !== undefined) requireTime('codel.target', codel.target, Number.MIN_VALUE);
    if (codel.interval !== undefined) requireTime('codel.interval', codel.interval, Number.MIN_VALUE);
  }
  return { ...options, bytesPerSecond, queueBytes, delay, loss, overhead, seed };
}

/** @throws OptionError if an option is invalid; `error.option` names it. */
export function checkFlow(options: FlowOptions): void {
  checkOptions(options, FLOW_NAMES);
  const { delay, returnLoss = 0, coalesce } = options;
  if (delay !== undefined) requireTime('delay', delay);
  ensure('returnLoss', returnLoss, returnLoss >= 0 && returnLoss <= 1, 'a share from 0 to 1');
  if (coalesce !== undefined) requireTime('coalesce', coalesce);
}

/** @throws OptionError */
export function requireRate(bytesPerSecond: unknown): number {
  return requireInteger('bytesPerSecond', bytesPerSecond, 1, Number.MAX_SAFE_INTEGER);
}

function requireTime(option: string, value: unknown, min = 0): void {
  const isRight = typeof value === 'number' && value >= min && value <= TIME_MAX;
  ensure(option, value, isRight, `a number of ms ${min > 0 ? 'above' : 'from'} 0 to ${TIME_MAX}`);
}
