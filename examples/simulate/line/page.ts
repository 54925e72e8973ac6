// The charts of a line as a page: one file, with nothing to be fetched.

import * as Plot from '@observablehq/plot';
import { draw, type Figure, lineKey } from '../charts.ts';
import { escaped, pageOf, section } from '../page.ts';
import { type Chart, chartsOf, flowsInWords, lineInWords } from './curves.ts';
import type { Scenario, Series } from './run.ts';

/** Colors of the page's palette, and a dash for each, so that either is enough. */
const STYLES = [
  { colour: 'var(--one)', dash: 'none' },
  { colour: 'var(--two)', dash: '7 3' },
  { colour: 'var(--recovered)', dash: '2 3' },
  { colour: 'var(--timeout)', dash: '10 3 2 3' },
  { colour: 'var(--early)', dash: '4 2' },
  { colour: 'var(--sent)', dash: '1 2' },
] as const;

/** The page about a line and its flows. */
export function linePage(scenario: Scenario, series: Series): string {
  const words = lineInWords(scenario);
  return pageOf(words, escaped(scenario.flows.map(({ kind }) => kind).join(', ')), [
    `<p>${escaped(words)}</p>`,
    ...flowsInWords(scenario, series).map((each) => `<p>${escaped(each)}</p>`),
    ...chartsOf(series).map((chart) => section(`${chart.title}, ${chart.unit}`, '', figureOf(chart, series.step))),
    '<footer>rxkcp, in virtual time. The same flags give the same page.</footer>',
  ]);
}

function figureOf({ unit, curves }: Chart, step: number): Figure {
  const styled = curves.map((curve, i) => ({ ...curve, ...(STYLES[i % STYLES.length] ?? STYLES[0]) }));
  const svg = draw({
    height: 260,
    x: { label: 's →' },
    y: { label: `↑ ${unit}`, grid: true, zero: true, nice: true },
    marks: styled.map(({ values, colour, dash }) =>
      Plot.line(
        values.map((value, i) => ({ at: ((i + 1) * step) / 1000, value })),
        { x: 'at', y: 'value', stroke: colour, strokeDasharray: dash, strokeWidth: 1.6 },
      ),
    ),
  });
  return { svg, keys: styled.map(({ name, colour, dash }) => lineKey({ words: name, colour, dash })) };
}
