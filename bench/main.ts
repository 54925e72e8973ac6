// npm run bench: works done by this library and by others in turn, medians and ratios. See bench/README.md.

import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { KCP_GO_VERSIONS, type KcpGoVersion, kcpGoVersion } from '../spec/interop/support/kcp-go-version.ts';
import { nativeAddon } from '../src/link/udp/native/addon.ts';
import type { Bench } from './bench.ts';
import { compileEndpoints } from './endpoints.ts';
import { findSubjects } from './peers.ts';
import { type Ratio, type Result, ratiosOf, resultsOf } from './results.ts';
import { tableOf } from './table.ts';
import type { Sample, Subject, Work } from './work.ts';
import { works } from './works/index.ts';

interface Flags {
  readonly kcpGo: KcpGoVersion;
  readonly only: readonly Work[];
  readonly runs?: number;
  readonly seconds: number;
  readonly sessions: number;
  readonly json: boolean;
}

/** Of each subject, where neither the flags nor the work say otherwise. */
const RUNS = 5;

const flags = new Command('bench')
  .addOption(
    new Option('--only <works>', `some works only: ${works.map(({ name }) => name).join(',')}`)
      .argParser(parseWorks)
      .default(works, 'all'),
  )
  .option('--runs <count>', `runs of each subject, of which the median counts (default: ${RUNS}, or fewer)`, parseCount)
  .option('--seconds <count>', 'length of idle', parseCount, 60)
  .option('--sessions <count>', 'sessions of idle', parseCount, 10_000)
  .addOption(new Option('--kcp-go <version>', 'version of kcp-go').choices(KCP_GO_VERSIONS).default(kcpGoVersion()))
  .option('--json', 'one JSON object a line', false)
  .parse()
  .opts<Flags>();

await main(flags);
process.exit();

async function main({ kcpGo, only, runs, seconds, sessions, json }: Flags): Promise<void> {
  await compileEndpoints();
  const found = findSubjects(kcpGo);
  const bench: Bench = {
    seconds,
    sessions,
    command: (subject, name, nodeFlags) => {
      const presence = found[subject];
      if ('missing' in presence) throw new Error(`${subject} is absent: ${presence.missing}`);
      return presence.programs(name, nodeFlags);
    },
  };
  console.error(
    `rxkcp over ${nativeAddon() === undefined ? 'node:dgram' : 'the native link'}; Node ${process.version}; kcp-go ${kcpGo}; ${machine()}`,
  );
  for (const subject of new Set(only.flatMap(({ subjects }) => subjects))) {
    const presence = found[subject];
    if ('missing' in presence) console.error(`${subject} is absent, the others run without: ${presence.missing}`);
  }

  const results: Result[] = [];
  const ratios: Ratio[] = [];
  for (const work of only) {
    const subjects = work.subjects.filter((subject) => 'programs' in found[subject]);
    const count = Math.min(runs ?? work.runs ?? RUNS, work.runsMax ?? Number.POSITIVE_INFINITY);
    const done = await runInTurn(work, subjects, count, bench);
    const compared = ratiosOf(done);
    if (json) for (const line of [...done, ...compared]) console.log(JSON.stringify(line));
    results.push(...done);
    ratios.push(...compared);
  }
  if (!json) console.log(tableOf(results, ratios));
}

async function runInTurn(work: Work, subjects: readonly Subject[], runs: number, bench: Bench): Promise<Result[]> {
  const samples = new Map<Subject, (readonly Sample[])[]>(subjects.map((subject) => [subject, []]));
  for (let run = 1; run <= runs; run++) {
    for (const [subject, list] of samples) {
      const figures = await work.run(subject, bench, run);
      list.push(figures);
      const text = figures.map(({ unit, value }) => `${value.toPrecision(4)} ${unit}`).join(', ');
      console.error(`${work.name} ${run}/${runs} ${subject}: ${text}`);
    }
  }
  return [...samples].flatMap(([subject, list]) => resultsOf(work.name, subject, list));
}

function machine(): string {
  const [load = 0] = loadavg();
  return `${availableParallelism()} × ${cpus()[0]?.model ?? process.arch}, ${process.platform} ${release()}, load ${load.toFixed(1)}`;
}

function parseWorks(names: string): readonly Work[] {
  return names.split(',').flatMap((name) => {
    const found = works.filter((one) => one.name === name || one.name.startsWith(`${name}/`));
    if (found.length === 0) throw new InvalidArgumentError(`There is no work ${name}.`);
    return found;
  });
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Not a whole number above 0.');
  return count;
}
