// A conversation across a bad network, drawn: npm run simulate -- --loss 0.2 --fec 10/3 --versus fec=off
// writes one page that needs nothing else. `--help` lists what can be changed.

import { writeFileSync } from 'node:fs';
import { parseFlags } from './simulate/flags.ts';
import { page } from './simulate/page.ts';
import { simulate } from './simulate/run.ts';
import { runInWords, scenarioInWords } from './simulate/words.ts';

const { scenario, setting, versus, file } = parseFlags(process.argv);
const run = simulate(scenario, setting);
const other = versus && simulate(scenario, versus);
const html = page(run, other);
try {
  writeFileSync(file, html);
  console.log(scenarioInWords(scenario));
  console.log(runInWords(run));
  if (other) console.log(runInWords(other));
  console.log(`The page: ${file}`);
} catch (error) {
  console.error(`The page cannot be written: ${(error as Error).message}`);
  process.exitCode = 1;
}
