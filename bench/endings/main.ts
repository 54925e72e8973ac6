// npm run bench:endings: how sessions end, and how they go on after an outage, in virtual time: the tables of docs/tuning.md.

import { Command } from 'commander';
import { kcpGo } from '../../spec/interop/support/go-build.ts';
import { secondsUntilDead } from './dead.ts';
import { goodEnds, KINDS, type Kind } from './good-ends.ts';
import { type Recovery, recoveryHere, recoveryOfKcpGo } from './outage.ts';

const MODES = ['normal', 'fast', 'fast2', 'fast3'] as const;
const LOSSES = [0.05, 0.1, 0.2, 0.3];
/** One way, ms. */
const DELAYS = [1, 50];
/** Round trip, ms. */
const ROUND_TRIPS = [2, 30, 100, 300];
/** ms by which an outage begins later in each of the runs of which the slowest counts. */
const SHIFTS = [0, 7, 13, 21, 34, 48];
const OUTAGES = [5000, 25_000];
const LINES = [
  ['normal', 20],
  ['normal', 100],
  ['fast', 20],
  ['fast', 300],
  ['fast3', 20],
  ['fast3', 100],
] as const;
/** kcp-go's. */
const DEAD_LINK = 20;

const { seeds } = new Command('endings')
  .option('--seeds <count>', 'conversations for each cell of the second table', Number, 1000)
  .parse()
  .opts<{ readonly seeds: number }>();

print(
  'Seconds until a session that sends fails',
  ['round trip', ...MODES, '`deadAfter`, any mode'],
  ROUND_TRIPS.map((rtt) => [
    `${rtt} ms`,
    ...MODES.map((mode) => secondsUntilDead(mode, rtt, DEAD_LINK).toFixed(1)),
    Math.max(...MODES.map((mode) => secondsUntilDead(mode, rtt, 0))).toFixed(1),
  ]),
);

print(
  `Share of good ends, of ${3 * seeds} conversations each (modes normal, fast and fast3)`,
  ['who completes', 'delay', ...LOSSES.map((loss) => `${100 * loss}% loss`)],
  (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
    DELAYS.map((delay) => [kind, `${delay} ms`, ...LOSSES.map((loss) => share(kind, delay, loss))]),
  ),
);

const rows: string[][] = [];
for (const [mode, rtt] of LINES) {
  const row = [`${mode}, ${rtt} ms`];
  for (const outage of OUTAGES) {
    const lengths = SHIFTS.map((shift) => outage + shift);
    row.push(slowest(lengths.map((length) => recoveryHere(mode, rtt, length))));
    if (kcpGo.missing !== undefined) row.push(`(${kcpGo.missing})`);
    else {
      const runs: Recovery[] = [];
      for (const length of lengths) runs.push(await recoveryOfKcpGo(mode, rtt, length));
      row.push(slowest(runs));
    }
  }
  rows.push(row);
}
print(
  'From the end of an outage until data arrives (the slowest of six), and datagrams sent meanwhile',
  ['mode, round trip', ...OUTAGES.flatMap((outage) => [`${outage / 1000} s: here`, 'kcp-go'])],
  rows,
);

function share(kind: Kind, delay: number, loss: number): string {
  const cells = (['normal', 'fast', 'fast3'] as const).map((mode) => goodEnds(kind, mode, delay, loss, seeds));
  const sum = (of: 'runs' | 'good' | 'calledDead' | 'lostSilently'): number =>
    cells.reduce((total, cell) => total + cell[of], 0);
  if (sum('lostSilently') > 0) throw new Error(`${sum('lostSilently')} messages were lost silently: ${kind}, ${loss}`);
  const dead = sum('calledDead');
  return `${((100 * sum('good')) / sum('runs')).toFixed(2)}%${dead === 0 ? '' : ` (${dead} called dead)`}`;
}

function slowest(runs: readonly Recovery[]): string {
  const first = Math.max(...runs.map((run) => run.first ?? Infinity));
  const inVain = Math.max(...runs.map((run) => run.inVain));
  return `${first} ms, ${inVain.toLocaleString('en')}`;
}

function print(title: string, head: readonly string[], body: readonly (readonly string[])[]): void {
  console.log(`\n${title}\n`);
  for (const row of [head, head.map(() => '---'), ...body]) console.log(`| ${row.join(' | ')} |`);
}
