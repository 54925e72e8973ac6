// npm run swarm: whole conversations in virtual time, one for each seed, until something is found that must not be. Needs a build.

import { setImmediate as turn } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { config } from 'rxjs';
import { lineOf, literalOf, planOf, runPlan, type SwarmReportedFinding, shrinkPlan, swarm } from 'rxkcp/testing';

/** Seeds between two looks at what was reported as unhandled. */
const CHUNK = 50;
/** ms between lines of progress. */
const PROGRESS_MS = 10_000;
/** Lines of the transcript that are printed with `--only`. */
const LINES = 60;

interface Flags {
  readonly seed: number;
  readonly seeds: number;
  readonly hours: number;
  readonly minutes: number;
  readonly only?: number;
}

const command = new Command('swarm')
  .description(
    'Runs whole conversations in virtual time, one for each seed, and prints what must not be. Exits 1 if there is any.',
  )
  .option('--seed <number>', 'the first seed', number, 1)
  .option('--seeds <number>', 'seeds to run, at least', number, 20_000)
  .option('--hours <number>', 'virtual hours to run, at least', number, 500)
  .option('--minutes <number>', 'real minutes after which it stops, whatever is left', number, Infinity)
  .option('--only <seed>', 'one seed: its plan, the shrunk one, and what happened on the network', number)
  .parse();
const flags = command.opts<Flags>();

const unhandled: unknown[] = [];
config.onUnhandledError = (error) => unhandled.push(error);

if (flags.only === undefined) await runAll(flags);
else runOne(flags.only);

async function runAll({ seed, seeds, hours, minutes }: Flags): Promise<void> {
  const startedAt = performance.now();
  const total = { seeds: 0, hours: 0, operations: 0, findings: 0 };
  let shownAt = startedAt;
  while (total.seeds < seeds || total.hours < hours) {
    if (performance.now() - startedAt > minutes * 60_000) break;
    const first = seed + total.seeds;
    const done = swarm({ seed: first | 0, seeds: CHUNK });
    for (const finding of done.findings) show(finding);
    total.seeds += done.seeds;
    total.hours += done.hours;
    total.operations += done.operations;
    total.findings += done.findings.length;
    // What RxJS reports as unhandled, it reports in a turn of its own.
    await turn();
    for (const error of unhandled.splice(0)) {
      total.findings++;
      console.log(`unhandled, in one of the seeds ${first} to ${first + CHUNK - 1}:`, error);
    }
    if (performance.now() - shownAt < PROGRESS_MS) continue;
    shownAt = performance.now();
    console.log(summary(total, shownAt - startedAt));
  }
  console.log(summary(total, performance.now() - startedAt));
  if (total.findings > 0) process.exitCode = 1;
}

function runOne(seed: number): void {
  const plan = planOf(seed | 0);
  const { finding, transcript, elapsed } = runPlan(plan, { keep: LINES });
  console.log(literalOf(plan));
  console.log(`${elapsed} virtual ms, hash ${transcript.hash}: ${finding?.kind ?? 'nothing found'}`);
  const shrunk = shrinkPlan(plan);
  if (shrunk === undefined) return;
  show({ ...shrunk.finding, seed, plan: shrunk.plan });
  console.log(runPlan(shrunk.plan, { keep: LINES }).transcript.entries.map(lineOf).join('\n'));
  process.exitCode = 1;
}

/** A finding, and its plan to be pasted into spec/testing/swarm-spec.ts. */
function show({ seed, kind, what, at, plan }: SwarmReportedFinding): void {
  console.log(`seed ${seed}: ${kind} at ${at} ms: ${what}\n${literalOf(plan)}`);
}

function summary(
  { seeds, hours, operations, findings }: Record<'seeds' | 'hours' | 'operations' | 'findings', number>,
  ms: number,
): string {
  const rate = Math.round((1000 * seeds) / ms);
  return `${seeds} seeds, ${hours.toFixed(1)} virtual hours, ${operations} operations, ${findings} findings (${rate} seeds/s)`;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('not a number');
  return value;
}
