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
  const lines = Object.entries(results).map(
    ([name, figures]) => `  ${JSON.stringify(name)}: ${JSON.stringify(figures)}`,
  );
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
in virtual time, mode \`fast3\`. **kB/s**: goodput of the 512 KiB, until the last byte has arrived. **× wire**: bytes of all datagrams, both ways, for each
byte of them. **p50, p99**: ms that 50 and 99 in 100 of the messages take. Losses are each way; bursts of them are 4 datagrams long on
average. On the right, in addition, 2 % of datagrams come twice, 5 % come 10 ms late, and 1 % are broken (and there is a checksum: 20
bytes a datagram). All of it is byte-exact, or there would be no figures.
`;

function markdown(results: Results): string {
  const sections = new Map<string, string[]>();
  for (const name of Object.keys(results)) {
    const loss = name.split(', ')[0] as string;
    sections.set(loss, [...(sections.get(loss) ?? []), name]);
  }
  const cells = (name: string): string => {
    const figures = results[name];
    if (figures === undefined) return '| | | |';
    const { goodput, overhead, p50, p99 } = figures;
    return `${Math.round(goodput / 1000)} | ${overhead.toFixed(2)} | ${p50} | ${p99}`;
  };
  const tables = [...sections].map(([loss, names]) => {
    const rows = names
      .filter((name) => !name.endsWith(', damaged'))
      .map((name) => {
        const [, roundTrip, window] = name.split(', ');
        return `| ${roundTrip} | ${window?.replace('window ', '')} | ${cells(name)} | | ${cells(`${name}, damaged`)} |`;
      });
    const head = '| round trip | window | kB/s | × wire | p50 | p99 | damaged: | kB/s | × wire | p50 | p99 |';
    return `\n## ${loss}\n\n${head}\n|${' --: |'.repeat(11)}\n${rows.join('\n')}\n`;
  });
  return HEAD + tables.join('');
}
