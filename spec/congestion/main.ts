// npm run congestion: what each controller makes of a shared line, in virtual time, against what must be seen. Needs a build.

import { Command, InvalidArgumentError } from 'commander';
import { drawn } from './drawn.ts';
import { ROWS, type Row } from './rows.ts';
import { runScenario } from './scenario.ts';
import { SUBJECTS, type Subject, subjectsOf } from './subjects.ts';
import { markdownOf, type RowOutcomes, tableOf, writeMarkdown } from './table.ts';

interface Flags {
  readonly controllers: readonly Subject[];
  readonly only: readonly Row[];
  readonly network: string;
  readonly scale: number;
  readonly seed: number;
  readonly draw: boolean;
  readonly renew: boolean;
}

const names = ROWS.map(({ name }) => name).join(', ');
const flags = new Command('npm run congestion --')
  .description('Runs each controller on shared lines in virtual time, and compares the results with the bars.')
  .option('--controllers <names>', `some of ${SUBJECTS.join(', ')}`, subjectsOf, subjectsOf('none,kcp,cubic,model'))
  .option('--only <rows>', `some of ${names}`, rowsOf, [...ROWS])
  .option('--network <text>', 'only the networks whose name has this in it', '')
  .option('--scale <factor>', 'factor of all durations; bars are meant for 1', factor, 1)
  .option('--seed <number>', 'seed of the random losses', Number, 1)
  .option('--draw', 'draw rates, queue and round trips of each network', false)
  .option('--renew', 'write TABLE.md', false)
  .parse()
  .opts<Flags>();

const all: RowOutcomes[] = [];
for (const row of flags.only) {
  const outcomes: RowOutcomes = { row, subjects: flags.controllers.map(({ name }) => name), networks: new Map() };
  for (const subject of flags.controllers) run(row, subject, outcomes);
  console.log(`\n${row.name}: ${row.title}\n${row.bar}\n${tableOf(outcomes)}`);
  all.push(outcomes);
}
const judged = all.flatMap(({ networks }) => [...networks.values()].flatMap((each) => [...each.values()]));
console.log(`${judged.filter(({ passed }) => passed).length} of ${judged.length} passed`);
if (flags.renew) writeMarkdown(markdownOf(all));
if (judged.some(({ passed }) => !passed)) process.exitCode = 1;

function run(row: Row, subject: Subject, { networks }: RowOutcomes): void {
  for (const { network, scenario, judge } of row.trials(subject, flags.scale)) {
    if (!network.includes(flags.network)) continue;
    const result = runScenario({ ...scenario, seed: flags.seed });
    const outcome = judge(result);
    if (flags.draw) console.log(drawn(`${row.name}, ${network}, ${subject.name}`, result));
    const known = networks.get(network) ?? new Map();
    networks.set(network, known.set(subject.name, outcome));
  }
}

function rowsOf(text: string): Row[] {
  return text.split(',').map((name) => {
    const row = ROWS.find((each) => each.name === name.trim());
    if (row === undefined) throw new InvalidArgumentError(`It must be some of ${names}.`);
    return row;
  });
}

function factor(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 10)) throw new InvalidArgumentError('It must be a number above 0, up to 10.');
  return value;
}
