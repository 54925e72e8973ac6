// npm run simulate -- line: flows that share a line, as they were, in the terminal and on a page.

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { chartsOf, flowsInWords, lineInWords } from '../../examples/simulate/line/curves.ts';
import { parseLineFlags } from '../../examples/simulate/line/flags.ts';
import { linePage } from '../../examples/simulate/line/page.ts';
import { type Scenario, simulateLine } from '../../examples/simulate/line/run.ts';
import { shownLine } from '../../examples/simulate/line/shown.ts';
import { chart } from '../../examples/simulate/line/terminal.ts';

const MBIT = 125_000;
const scenario: Scenario = {
  ...{ rate: 20 * MBIT, rtt: 50, queueBytes: 125_000, codel: false, loss: 0, seed: 1 },
  flows: [
    { kind: 'none', from: 0 },
    { kind: 'tcp-cubic', from: 1000 },
  ],
  changes: [{ at: 2000, rate: 5 * MBIT }],
  length: 3000,
};
const series = simulateLine(scenario);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('a run has a point for each tenth of a second: the line, its queue, and each flow', () => {
  const [session, twin] = series.flows;
  const all = [series.line, series.waits, session?.rates, session?.rtts, twin?.rates, twin?.rtts];
  for (const values of all) expect(values).toHaveLength(30);
  expect(series.line.map((rate) => rate / MBIT)).toEqual([...Array(19).fill(20), ...Array(11).fill(5)]);
  // The twin comes later, and shares what there is.
  expect(twin?.rates.slice(0, 10).every((rate) => rate === 0)).toBe(true);
  expect(twin?.rtts.slice(0, 10).every(Number.isNaN)).toBe(true);
  expect(twin?.rtts.at(-1)).toBeGreaterThan(50);
  expect(mean(session?.rates.slice(0, 20) ?? []) / MBIT).toBeGreaterThan(7);
  expect(mean(twin?.rates.slice(10) ?? []) / MBIT).toBeGreaterThan(0);
  expect(Math.max(...series.waits)).toBeGreaterThan(45);
  expect(series.dropped).toBeGreaterThan(0.3);
  expect(simulateLine(scenario)).toEqual(series);
});

test('CoDel keeps the queue short, and a share lost at random is lost', () => {
  const flows = [{ kind: 'tcp-newreno', from: 0 }] as const;
  const calm = simulateLine({ ...scenario, flows, changes: [], codel: true, queueBytes: 1_000_000, length: 8000 });
  expect(mean(calm.waits.slice(40))).toBeLessThan(15);
  const lossy = simulateLine({ ...scenario, flows, changes: [], loss: 0.1 });
  expect(mean(lossy.flows[0]?.rates ?? []) / MBIT).toBeLessThan(5);
});

test('what is shown says what was run', () => {
  expect(lineInWords(scenario)).toBe('A line of 20 Mbit/s, round trip 50 ms, queue of 125000 bytes. Seed 1.');
  expect(lineInWords({ ...scenario, codel: true, loss: 0.02 })).toContain('bytes with CoDel, 2 % lost.');
  const words = flowsInWords(scenario, series);
  expect(words[0]).toMatch(/^1 none: \d+\.\d\d Mbit\/s on average, from second 0$/);
  expect(words[1]).toMatch(/^2 tcp-cubic: \d\.\d\d Mbit\/s on average, from second 1$/);
  expect(words[2]).toMatch(/^dropped by the queue: \d+\.\d\d % of the datagrams$/);
});

test('a chart has a curve for each series, from 0 to the largest value, as wide as it was asked to be', () => {
  const curves = [
    { name: 'up', values: Array.from({ length: 500 }, (_, i) => i / 10) },
    { name: 'late', values: Array.from({ length: 500 }, (_, i) => (i < 250 ? NaN : 20)) },
  ];
  const lines = stripVTControlCharacters(chart('Some', curves, 50, 80)).split('\n');
  expect(lines[0]).toBe('Some  ━ up  ━ late');
  expect(lines).toHaveLength(13);
  expect(lines[1]).toMatch(/^ +50 ┼ +╭/);
  expect(lines[11]).toMatch(/^ +0 ┼/);
  expect(lines[12]).toMatch(/^ +0 s +50 s$/);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  // Fewer points than columns take all of the width.
  const short = stripVTControlCharacters(chart('Short', [{ name: 'two', values: [0, 1] }], 1, 80)).split('\n');
  expect(short[1]).toMatch(/^ +1\.00 ┼ +╭─{30,} *$/);
  expect(chart('None', [{ name: 'none', values: [] }], 1, 40)).toContain('None');
});

describe('the command line', () => {
  test('shows charts of rates, queue and round trips, without colors where there is no terminal', () => {
    const { lines, file } = shownLine(['--flows', 'kcp', '--length', '1']);
    const text = lines.join('\n');
    for (const title of ['Goodput, Mbit/s', 'Queue, ms of waiting', 'Round-trip time, ms'])
      expect(text).toContain(title);
    expect(stripVTControlCharacters(text)).toBe(text);
    expect(file).toBeUndefined();
  });

  test('says what is simulated, and where the page goes', () => {
    const given =
      '--rate 20 --buffer 50 --rtt 50 --flows none,tcp-cubic@1 --changes 2:5 --length 3 --open-file out.html';
    expect(parseLineFlags(given.split(' '))).toEqual({ scenario, file: 'out.html' });
  });

  test.each([
    ['--flows vegas', 'It must be like model,tcp-cubic@5'],
    ['--flows model@x', 'It must be a number from 0 to 3600.'],
    ['--changes 5', 'It must be a number from 0.1 to 1000.'],
    [`--flows ${Array(17).fill('kcp').join(',')}`, 'There can be 16 at most.'],
    ['--rate 1000 --length 1000', 'make more than 2000000000 bytes'],
  ])('refuses %s', (given, message) => {
    const written: string[] = [];
    const { write } = process.stderr;
    const { exit } = process;
    const codes: unknown[] = [];
    process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    process.exit = ((code: unknown) => {
      codes.push(code);
      throw new Error('exit');
    }) as never;
    try {
      expect(() => parseLineFlags(given.split(' '))).toThrow('exit');
    } finally {
      process.stderr.write = write;
      process.exit = exit;
    }
    expect(written.join('')).toContain(message);
    expect(codes).toEqual([2]);
  });
});

test('the page has the same charts, fetches nothing, and runs nothing', () => {
  const html = linePage(scenario, series);
  for (const { title, unit, curves } of chartsOf(series)) {
    expect(html).toContain(`${title}, ${unit}`);
    for (const { name } of curves) expect(html).toContain(name);
  }
  expect(html.match(/<svg[^>]* width="1120"/g)).toHaveLength(3);
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
  expect(html.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|<script|<link|<img|@import|url\(/);
});
