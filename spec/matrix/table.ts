// The figures that are kept (table.json), how far others may be from them, and the same to be read (TABLE.md).

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Figures } from './measure.ts';

/** Figures by the names of their cells. */
export type Results = Readonly<Record<string, Figures>>;

/** Share by which a figure may be off before it counts as changed. */
const TOLERANCE = 0.05;

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export function readTable(): Results {
  return JSON.parse(readFileSync(path('table.json'), 'utf8'));
}

export function writeTable(results: Results): void {
  const spaced = (figures: Figures): string => JSON.stringify(figures).replace(/[{,:]/g, '$& ').replace('}', ' }');
  const lines = Object.entries(results).map(([name, figures]) => `  ${JSON.stringify(name)}: ${spaced(figures)}`);
  writeFileSync(path('table.json'), `{\n${lines.join(',\n')}\n}\n`);
  writeFileSync(path('TABLE.md'), markdown(results));
}

/** What of `results` is not what the table says, one line a figure. */
export function changes(results: Results, table: Results): string[] {
  return Object.entries(results).flatMap(([name, figures]) => {
    const kept = table[name];
    if (kept === undefined) return [`${name}: not in the table`];
    return Object.entries(figures).flatMap(([figure, value]) => {
      const before = kept[figure as keyof Figures];
      if (Math.abs(value - before) <= TOLERANCE * before) return [];
      return [`${name}: ${figure} ${before} → ${value} (${((100 * value) / before - 100).toFixed(1)} %)`];
    });
  });
}

const HEAD = `# What gets through

Written by \`npm run matrix -- --renew\`; do not edit. 300 messages of 200 bytes, one every 20 ms, then 512 KiB at once, over each network,
in virtual time, mode \`fast3\`. **FEC**: packets of data and of parity in a group, both ways. **kB/s**: goodput of the 512 KiB, until the
last byte has arrived. **× wire**: bytes of all datagrams, both ways, for each byte of them. **p50, p99**: ms that 50 and 99 in 100 of the
messages take. Losses are each way; bursts of them are 4 datagrams long on average. On the right, in addition, 2 % of datagrams come twice,
5 % come 10 ms late, and 1 % are broken (and there is a checksum: 20 bytes a datagram). All of it is byte-exact, or there would be no figures.

Bursts of losses are counted in datagrams, not in time: an end that has heard nothing for five timeouts sends one now and then, and so waits
long for the end of a burst. Where p50 or p99 are many seconds, that is why.

How to read FEC: at one message every 20 ms a group is complete, and repaired, after up to 200 ms, so that it can only help where a round
trip is of that order. It means other datagrams, and so other dice: where 3 of 300 messages make p99, differences at 1 % lost are chance.
Without FEC sessions bundle small messages (\`bundle\`), with FEC they do not, by default.
`;

/** The window that the overview shows. */
const WINDOW = 'window 128';

function markdown(results: Results): string {
  const networks = Object.keys(results);
  const values = (axis: number): string[] => [...new Set(networks.map((name) => name.split(', ')[axis] ?? ''))];
  const losses = values(0);
  return [HEAD, overview(results, losses, values(1)), ...losses.map((loss) => table(results, loss))].join('\n');
}

/** p99 by loss and round trip, without FEC and with it. */
function overview(results: Results, losses: readonly string[], roundTrips: readonly string[]): string {
  const rows = losses.map((loss) => {
    const cells = roundTrips.map((roundTrip) => {
      const name = `${loss}, ${roundTrip}, ${WINDOW}`;
      return `${results[name]?.p99} → ${results[`${name}, FEC 10/3`]?.p99}`;
    });
    return `| ${loss} | ${cells.join(' | ')} |`;
  });
  const head = `| round trip: | ${roundTrips.join(' | ')} |\n| :-- |${' --: |'.repeat(roundTrips.length)}`;
  return `## p99 without FEC → with FEC 10/3, ${WINDOW}\n\n${head}\n${rows.join('\n')}\n`;
}

function table(results: Results, loss: string): string {
  const cells = (name: string): string => {
    const figures = results[name];
    if (figures === undefined) return '| | | |';
    const { goodput, overhead, p50, p99 } = figures;
    return `${Math.round(goodput / 1000)} | ${overhead.toFixed(2)} | ${p50} | ${p99}`;
  };
  const rows = Object.keys(results)
    .filter((name) => name.startsWith(`${loss}, `) && !name.includes(', damaged'))
    .map((name) => {
      const [, roundTrip, window = '', fec = 'FEC off'] = name.split(', ');
      const settings = [roundTrip, window.replace('window ', ''), fec.replace('FEC ', '')].join(' | ');
      return `| ${settings} | ${cells(name)} | | ${cells(name.replace(window, `${window}, damaged`))} |`;
    });
  const head = '| round trip | window | FEC | kB/s | × wire | p50 | p99 | damaged: | kB/s | × wire | p50 | p99 |';
  return `## ${loss}\n\n${head}\n|${' --: |'.repeat(12)}\n${rows.join('\n')}\n`;
}
