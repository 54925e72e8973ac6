// npm run matrix: every cell, compared with the table. `--renew` writes the table anew. Needs a build.

import { cells } from './cells.ts';
import { type Figures, measure } from './measure.ts';
import { changes, readTable, writeTable } from './table.ts';

const results: Record<string, Figures> = {};
for (const cell of cells()) results[cell.name] = measure(cell);
const count = Object.keys(results).length;

if (process.argv.includes('--renew')) {
  writeTable(results);
  console.log(`${count} networks; table.json and TABLE.md are new`);
} else {
  const changed = changes(results, readTable());
  for (const line of changed) console.log(line);
  console.log(`${count} networks, all byte-exact; ${changed.length} figures are off the table by more than 5 %`);
  if (changed.length > 0) {
    console.log('If that is meant: npm run matrix -- --renew');
    process.exitCode = 1;
  }
}
