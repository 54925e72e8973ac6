// npm run simulate -- line: flows that share a line, drawn for the terminal, and as a page if one is asked for.

import { stripVTControlCharacters } from 'node:util';
import type { Shown } from '../words.ts';
import { chartsOf, flowsInWords, lineInWords } from './curves.ts';
import { parseLineFlags } from './flags.ts';
import { linePage } from './page.ts';
import { simulateLine } from './run.ts';
import { chart } from './terminal.ts';

/** Columns where the terminal does not tell. */
const COLUMNS = 100;

/** @param args the command line behind `line`. */
export function shownLine(args: readonly string[]): Shown {
  const { scenario, file } = parseLineFlags(args);
  const series = simulateLine(scenario);
  const columns = process.stdout.columns ?? COLUMNS;
  const charts = chartsOf(series).map(({ title, unit, curves }) => {
    return `\n${chart(`${title}, ${unit}`, curves, scenario.length / 1000, columns)}\n`;
  });
  const colored = [lineInWords(scenario), ...charts, ...flowsInWords(scenario, series)];
  // A file or a pipe wants no colors.
  const lines = process.stdout.isTTY ? colored : colored.map(stripVTControlCharacters);
  return { lines, file, html: () => linePage(scenario, series) };
}
