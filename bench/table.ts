// Results for people.

import Table from 'cli-table3';
import type { Ratio, Result } from './results.ts';
import { OURS, type Subject } from './work.ts';

/** One row for each work and unit, one column for each subject. */
export function tableOf(results: readonly Result[], ratios: readonly Ratio[]): string {
  const subjects = [...new Set(results.map(({ subject }) => subject))];
  const peers = subjects.filter((subject) => subject !== OURS);
  const table = new Table({
    head: ['work', 'unit', ...subjects.map((subject) => `${subject} (min … max)`), ...peers.map((peer) => `÷ ${peer}`)],
    colAligns: ['left', 'left', ...[...subjects, ...peers].map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const { work, unit } of rowsOf(results)) {
    const cell = (subject: Subject): string => {
      const result = results.find((one) => one.work === work && one.unit === unit && one.subject === subject);
      if (result === undefined) return '';
      const range = result.runs === 1 ? '' : ` (${figure(result.min)} … ${figure(result.max)})`;
      return `${figure(result.value)}${range}`;
    };
    const ratio = (peer: Subject): string => {
      const found = ratios.find((one) => one.work === work && one.unit === unit && one.against === peer);
      return found === undefined ? '' : found.ratio < 0.1 ? found.ratio.toPrecision(2) : found.ratio.toFixed(2);
    };
    table.push([work, unit, ...subjects.map(cell), ...peers.map(ratio)]);
  }
  return table.toString();
}

function rowsOf(results: readonly Result[]): { work: string; unit: string }[] {
  return [...new Map(results.map(({ work, unit }) => [`${work} ${unit}`, { work, unit }])).values()];
}

/** Three digits that count. */
function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
