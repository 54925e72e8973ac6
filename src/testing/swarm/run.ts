// One run of a swarm, judged.

import { checkOptions, type OptionNames, requireFunction, requireInteger } from '../../check.ts';
import { snmp } from '../../counters/process.ts';
import { OptionError } from '../../errors.ts';
import type { Transcript } from '../transcript.ts';
import type { SwarmFinding } from './finding.ts';
import { Liveness } from './liveness.ts';
import { healingOf, type SwarmPlan } from './plan.ts';
import { checkPromises } from './promises.ts';
import type { SwarmProtocol } from './protocol.ts';
import { World } from './world.ts';

/** How a plan is run. */
export interface SwarmRunOptions {
  /** What is on the sessions. Default: nothing, messages are sent as they are. */
  readonly protocol?: SwarmProtocol | undefined;
  /** Entries of the transcript to be kept, the newest. Default 0: only the hash. */
  readonly keep?: number | undefined;
}

/** What became of a plan. */
export interface SwarmRun {
  /** What was wrong; undefined if nothing was. */
  readonly finding: SwarmFinding | undefined;
  /** What happened on the network. Its hash is the same for the same plan, on any machine. */
  readonly transcript: Transcript;
  /** Virtual ms from the beginning to the end. */
  readonly elapsed: number;
  /** Virtual ms from when the network healed until nothing waited any more. */
  readonly settledAfter: number;
  /** Operations that were done. */
  readonly operations: number;
  /** Sessions of both ends. */
  readonly sessions: number;
  /** Messages delivered. */
  readonly messages: number;
}

/** Names of how a plan is run. */
export const RUN_NAMES: OptionNames<SwarmRunOptions> = { protocol: true, keep: true };

const GAUGES = ['CurrEstab', 'RingBufferSndQueue', 'RingBufferRcvQueue', 'RingBufferSndBuffer', 'FECShardSet'] as const;

/** @throws OptionError naming the first that is wrong. */
export function checkRunOptions(options: SwarmRunOptions): void {
  checkOptions(options, RUN_NAMES);
  const { protocol, keep } = options;
  if (protocol !== undefined) requireFunction('protocol', protocol);
  if (keep !== undefined) requireInteger('keep', keep, 0, 0xffff_ffff);
}

/**
 * Runs one plan, of a seed (`planOf(seed)`), of a finding of {@link swarm}, or written by hand, and judges it.
 *
 * @example
 * const { finding, transcript } = runPlan(
 *   {
 *     seed: 1,
 *     left: { mode: 'fast3' },
 *     right: {},
 *     network: { delay: 20, loss: 0.1 },
 *     operations: [
 *       { at: 0, do: 'send', side: 'left', bytes: 500, count: 100, gap: 5 },
 *       { at: 200, do: 'restart', side: 'right', down: 1000 },
 *     ],
 *   },
 *   { keep: 50 },
 * );
 * console.log(finding ?? 'nothing found', transcript.toString());
 *
 * @throws OptionError if an option, a setting of the plan, or what its network does, is invalid.
 */
export function runPlan(plan: SwarmPlan, options: SwarmRunOptions = {}): SwarmRun {
  checkRunOptions(options);
  const { protocol, keep = 0 } = options;
  const before = snmp();
  const world = new World(plan, protocol, keep);
  const liveness = new Liveness(world);
  try {
    world.run(healingOf(plan), () => liveness.look());
    liveness.settle();
    if (world.finding === undefined) checkPromises(world, plan);
    world.close();
    const after = snmp();
    for (const gauge of GAUGES) {
      const more = after[gauge] - before[gauge];
      if (more !== 0) world.find('memory left', `${gauge} is ${more} more than before, when all is closed`);
    }
    const { pending } = world.clock;
    if (pending > 0) world.find('timer left', `${pending} timers, when all is closed`);
  } catch (error) {
    world.close();
    // The plan itself is wrong.
    if (error instanceof OptionError) throw error;
    world.find('threw', error instanceof Error ? (error.stack ?? String(error)) : String(error));
  }
  const { finding, transcript, at: elapsed, talks, done: operations } = world;
  const messages = talks.reduce((sum, { received }) => sum + received, 0);
  return {
    finding,
    transcript,
    elapsed,
    settledAfter: liveness.settledAfter,
    operations,
    sessions: talks.length,
    messages,
  };
}
