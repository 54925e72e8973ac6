// A scenario over time, for a terminal.

import { stripVTControlCharacters } from 'node:util';
import { chart } from '../../examples/simulate/line/terminal.ts';
import { mbit } from './scenario.ts';
import type { FlowResult, ScenarioResult } from './types.ts';

/** Columns where the terminal does not tell. */
const COLUMNS = 100;

/** Charts of the rates, the queue and the round trips. */
export function drawn(title: string, { flows, line, interval }: ScenarioResult): string {
  const inMbit = (rates: readonly number[]): number[] => rates.map((rate) => rate / mbit(1));
  const ofFlows = (values: (flow: FlowResult) => readonly number[]) =>
    flows.map((flow, i) => ({ name: `flow ${i + 1}`, values: values(flow) }));
  const charts = [
    ['Goodput, Mbit/s', [...ofFlows(({ rates }) => inMbit(rates)), { name: 'line', values: inMbit(line.rates) }]],
    ['Queue, kB', [{ name: 'queue', values: line.queues.map((bytes) => bytes / 1000) }]],
    ['Round-trip time, ms', ofFlows(({ srtts }) => srtts)],
  ] as const;
  const seconds = (line.rates.length * interval) / 1000;
  const columns = process.stdout.columns ?? COLUMNS;
  const text = [`\n${title}`, ...charts.map(([name, curves]) => chart(name, curves, seconds, columns))].join('\n\n');
  return process.stdout.isTTY ? text : stripVTControlCharacters(text);
}
