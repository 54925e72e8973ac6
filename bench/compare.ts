// npm run bench:compare: the works of this checkout and of another one in turn, and how they compare. Both have to be built.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { type Bench, nodeCommand } from './bench.ts';
import { compileEndpoints } from './endpoints.ts';
import { medianOf } from './results.ts';
import { OURS, type Sample, type Subject } from './work.ts';
import { works } from './works/index.ts';

const { against, only, over, runs } = new Command('bench:compare')
  .requiredOption('--against <folder>', 'the other checkout, in which `npm run build` was run')
  .requiredOption('--only <works>', `works: ${works.map(({ name }) => name).join(',')}`)
  .addOption(new Option('--over <link>', 'one link alone').choices(['native', 'node:dgram']))
  .addOption(new Option('--runs <count>', 'runs of each').default(5).argParser(Number))
  .parse()
  .opts<{ against: string; only: string; over?: string; runs: number }>();

const other = resolve(against);
if (!existsSync(`${other}/dist/node/index.js`)) throw new Error(`${other} is not built: npm run build there first`);
await compileEndpoints();
execFileSync(
  process.execPath,
  ['--import', 'tsx', '-e', "import('./bench/endpoints.ts').then((one) => one.compileEndpoints())"],
  { cwd: other, stdio: 'inherit' },
);

/** Which links' subjects are compared. */
function isCompared(subject: Subject): boolean {
  if (subject !== OURS && subject !== 'rxkcp-dgram') return false;
  return over === undefined || (over === 'native') === (subject === OURS);
}

/** A bench whose programs are those of `folder`, or of this checkout. */
function benchOf(folder?: string): Bench {
  return {
    seconds: 10,
    sessions: 1000,
    command(subject, name, nodeFlags = []) {
      const [program, ...args] = nodeCommand(name, nodeFlags);
      const script = args.pop() as string;
      const place = folder === undefined ? script : `${folder}/dist/bench/${name}.js`;
      return [program, ...args, place, ...(subject === 'rxkcp-dgram' ? ['--dgram'] : [])];
    },
  };
}

const [here, there] = [benchOf(), benchOf(other)];
const table = new Table({
  head: ['work', 'over', 'unit', 'here', 'there', 'ratio: median', 'middle half', 'pairs'],
  style: { head: [], border: [], compact: true },
});
for (const name of only.split(',')) {
  const work = works.find((one) => one.name === name);
  if (work === undefined) throw new Error(`there is no work ${name}`);
  for (const subject of work.subjects.filter(isCompared)) {
    const pairs: [readonly Sample[], readonly Sample[]][] = [];
    for (let run = 1; run <= runs; run++) {
      // The one that comes first changes: what a run leaves behind is the next one's.
      const first = await work.run(subject, run % 2 === 1 ? here : there, run);
      const second = await work.run(subject, run % 2 === 1 ? there : here, run);
      pairs.push(run % 2 === 1 ? [first, second] : [second, first]);
      process.stderr.write('.');
    }
    for (const [index, { unit }] of (pairs[0] as [readonly Sample[], readonly Sample[]])[0].entries()) {
      const value = (samples: readonly Sample[]): number => (samples[index] as Sample).value;
      const ratios = pairs.map(([ours, theirs]) => value(ours) / value(theirs)).sort((a, b) => a - b);
      const quartile = (share: number): string =>
        (ratios[Math.round(share * (ratios.length - 1))] as number).toFixed(3);
      table.push([
        name,
        subject === OURS ? 'native' : 'node:dgram',
        unit,
        medianOf(pairs.map(([ours]) => value(ours))).toPrecision(4),
        medianOf(pairs.map(([, theirs]) => value(theirs))).toPrecision(4),
        medianOf(ratios).toFixed(3),
        `${quartile(0.25)} … ${quartile(0.75)}`,
        pairs.length,
      ]);
    }
  }
}
process.stderr.write('\n');
console.log(table.toString());
process.exit();
