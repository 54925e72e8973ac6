// The results as tables: in the terminal, and as TABLE.md.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import type { Outcome, Row } from './rows.ts';

/** Results of a row: by network, then by subject. */
export interface RowOutcomes {
  readonly row: Row;
  readonly subjects: readonly string[];
  readonly networks: Map<string, Map<string, Outcome>>;
}

/** A row as a table: a line for each network, a column for each subject. */
export function tableOf({ subjects, networks }: RowOutcomes): string {
  const table = new Table({ head: ['', ...subjects], style: { head: [], border: [] } });
  for (const [network, outcomes] of networks) {
    const cells = subjects.map((name) => {
      const outcome = outcomes.get(name);
      return outcome === undefined ? '' : `${sign(outcome)} ${outcome.figures.replaceAll(', ', '\n  ')}`;
    });
    table.push([network, ...cells]);
  }
  return table.toString();
}

const HEAD = `# Controllers on shared lines

Written by \`npm run congestion -- --renew\`; do not edit. Virtual time, bulk transfers unless said otherwise. **util**: share of the line in
use. **queue**: median bytes waiting for the line, in BDP. **share**: goodput with its headers, as a share of the line. **again**:
retransmitted segments. **dropped**: datagrams that the queue dropped. ✓ and ✗: whether the bar was reached.
`;

/** All rows as Markdown: a section and a table for each. */
export function markdownOf(rows: readonly RowOutcomes[]): string {
  const sections = rows.map(({ row, subjects, networks }) => {
    const lines = [...networks].map(([network, outcomes]) => {
      const cells = subjects.map((name) => {
        const outcome = outcomes.get(name);
        return outcome === undefined ? '' : `${sign(outcome)} ${outcome.figures}`;
      });
      return `| ${[network, ...cells].join(' | ')} |`;
    });
    const head = `| network | ${subjects.join(' | ')} |\n|${' :-- |'.repeat(subjects.length + 1)}`;
    return `## ${row.title}\n\nBar: ${row.bar}.\n\n${head}\n${lines.join('\n')}\n`;
  });
  return [HEAD, ...sections].join('\n');
}

export function writeMarkdown(markdown: string): void {
  writeFileSync(fileURLToPath(new URL('TABLE.md', import.meta.url)), markdown);
}

function sign({ passed }: Outcome): string {
  return passed ? '✓' : '✗';
}
