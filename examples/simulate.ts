// A conversation across a bad network, drawn: npm run simulate -- --loss 0.2 --fec 10/3 --versus fec=off
// writes one page that needs nothing else. And flows that share a line: npm run simulate -- line --flows model,tcp-cubic@5
// draws rates, queue and round trips in the terminal. `--help` and `line --help` list what can be changed.

import { writeFileSync } from 'node:fs';
import { parseFlags } from './simulate/flags.ts';
import { shownLine } from './simulate/line/shown.ts';
import { page } from './simulate/page.ts';
import { simulate } from './simulate/run.ts';
import { runInWords, type Shown, scenarioInWords } from './simulate/words.ts';

const { lines, file, html } = process.argv[2] === 'line' ? shownLine(process.argv.slice(3)) : shownConversation();
console.log(lines.join('\n'));
try {
  if (file !== undefined) {
    writeFileSync(file, html());
    console.log(`The page: ${file}`);
  }
} catch (error) {
  console.error(`The page cannot be written: ${(error as Error).message}`);
  process.exitCode = 1;
}

function shownConversation(): Shown {
  const { scenario, setting, versus, file } = parseFlags(process.argv);
  const run = simulate(scenario, setting);
  const other = versus && simulate(scenario, versus);
  const runs = other === undefined ? [run] : [run, other];
  return { lines: [scenarioInWords(scenario), ...runs.map(runInWords)], file, html: () => page(run, other) };
}
