// Many runs, one seed after another.

import { checkOptions, type OptionNames, requireFunction, requireInteger } from '../../check.ts';
import { OptionError } from '../../errors.ts';
import { planOf } from './draw.ts';
import type { SwarmFinding } from './finding.ts';
import type { SwarmPlan } from './plan.ts';
import { checkRunOptions, runPlan, type SwarmRun, type SwarmRunOptions } from './run.ts';
import { shrinkPlan } from './shrink.ts';

/** Settings of a {@link swarm}. */
export interface SwarmOptions extends Omit<SwarmRunOptions, 'keep'> {
  /** The first seed: any 32-bit integer. Default 1. */
  readonly seed?: number | undefined;
  /** Seeds to run, at least. 1 … 4294967295. Default 100. */
  readonly seeds?: number | undefined;
  /** Virtual hours to run, at least: further seeds follow until there are as many. Default 0. */
  readonly hours?: number | undefined;
  /** Plans that are run to shrink a finding; 0 leaves it as it is. 0 … 100000. Default 600. */
  readonly shrinkTries?: number | undefined;
  /** Changes the plan of a seed, for a protocol that needs certain settings, or to look at one thing more often. Default: it stays as it is. */
  readonly adapt?: ((plan: SwarmPlan) => SwarmPlan) | undefined;
  /** Called after each run; if it returns true, that was the last one. */
  readonly onRun?: ((run: SwarmRun, progress: SwarmProgress) => boolean | undefined) | undefined;
}

/** How far a swarm is. */
export interface SwarmProgress {
  /** Runs so far. */
  readonly seeds: number;
  /** Virtual hours of all of them. */
  readonly hours: number;
  /** Operations that were done in all of them. */
  readonly operations: number;
  /** What was found so far. */
  readonly findings: readonly SwarmReportedFinding[];
}

/** A finding, and how to see it again. */
export interface SwarmReportedFinding extends SwarmFinding {
  /** The seed that showed it: `runPlan(planOf(seed))`. */
  readonly seed: number;
  /** The plan that is left when everything that is not needed for it is left out. */
  readonly plan: SwarmPlan;
}

/** What a swarm has found. */
export type SwarmReport = SwarmProgress;

const NAMES: OptionNames<SwarmOptions> = {
  seed: true,
  seeds: true,
  hours: true,
  shrinkTries: true,
  adapt: true,
  onRun: true,
  protocol: true,
};

/**
 * Runs whole conversations in virtual time, one for each seed, and looks for anything that must not happen.
 *
 * From a seed come the settings of both ends, a network, and a list of operations: messages of any size, pauses, changed settings, ends,
 * processes that are killed and come back without memory, blackouts, clocks that jump, garbage, and a client that dials again from the same
 * address ({@link planOf}). After the last operation the network heals. Then the run is judged:
 *
 * - What arrives is what was sent in that conversation, in order, once, unchanged.
 * - What does not arrive, an end was told of: by how `closed$` says that it ended.
 * - Everything comes to an end within 10 RTO, or `deadAfter` if the peer is gone; what ends with an error, ends with one of this library's,
 *   and no peer that is there is called dead.
 * - In the end no timer is left, and nothing is kept.
 *
 * Each finding is shrunk to a short plan, which {@link runPlan} runs again. The same seed gives the same run, on any machine.
 *
 * With a `protocol` on top, what it sends and what comes out of it is judged in the same way.
 *
 * @example
 * const { findings } = swarm({
 *   seeds: 5,
 *   adapt: (plan) => ({ ...plan, left: { ...plan.left, stream: true }, right: { ...plan.right, stream: true } }),
 *   protocol: (session) => {
 *     const sending = new Subject<Uint8Array>();
 *     sending.pipe(encodeFrames(), sendTo(session)).subscribe({ complete: () => session.complete(), error: () => {} });
 *     return {
 *       messages: session.pipe(decodeFrames()),
 *       send: (message) => sending.next(message),
 *       complete: () => sending.complete(),
 *     };
 *   },
 * });
 * for (const { seed, what, plan } of findings) console.log(seed, what, plan);
 *
 * @param options how much, and with what on top.
 * @throws OptionError naming the option that is wrong.
 */
export function swarm(options: SwarmOptions = {}): SwarmReport {
  checkOptions(options, NAMES);
  const { seed = 1, seeds = 100, hours = 0, shrinkTries = 600, adapt, onRun, protocol } = options;
  requireInteger('seed', seed, -0x8000_0000, 0xffff_ffff);
  requireInteger('seeds', seeds, 1, 0xffff_ffff);
  requireInteger('shrinkTries', shrinkTries, 0, 100_000);
  if (!(hours >= 0 && hours < Infinity)) throw new OptionError('hours', hours, 'a number of hours, 0 or more');
  for (const [name, value] of Object.entries({ adapt, onRun })) if (value !== undefined) requireFunction(name, value);
  checkRunOptions({ protocol });
  const findings: SwarmReportedFinding[] = [];
  const progress = { seeds: 0, hours: 0, operations: 0, findings };
  for (let next = seed | 0; progress.seeds < seeds || progress.hours < hours; next = (next + 1) | 0) {
    const plan = adapt === undefined ? planOf(next) : adapt(planOf(next));
    const run = runPlan(plan, { protocol });
    progress.seeds++;
    progress.hours += run.elapsed / 3_600_000;
    progress.operations += run.operations;
    if (run.finding !== undefined) {
      const shrunk = shrinkTries > 0 ? shrinkPlan(plan, { protocol }, shrinkTries) : undefined;
      findings.push({ ...(shrunk?.finding ?? run.finding), seed: next, plan: shrunk?.plan ?? plan });
    }
    if (onRun?.(run, progress) === true) break;
  }
  return progress;
}
