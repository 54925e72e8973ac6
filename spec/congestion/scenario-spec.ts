// Scenarios: what is measured of flows through one line. All of the table is `npm run congestion`.

import { describe, expect, test } from 'vitest';
import { jain, quantile } from './figures.ts';
import { ROWS } from './rows.ts';
import { mbit, runScenario } from './scenario.ts';
import { SUBJECTS, subjectsOf } from './subjects.ts';
import { markdownOf, tableOf } from './table.ts';
import { drained, recovered } from './turns.ts';
import type { FlowResult, LineOptions, ScenarioResult } from './types.ts';

const line: LineOptions = { rate: mbit(20), rtt: 50 };

function flowOf({ flows }: ScenarioResult, place = 0): FlowResult {
  return flows[place] as FlowResult;
}

test('the same scenario gives the same result, and another seed another one', () => {
  const scenario = {
    line: { ...line, loss: 0.02 },
    flows: [{ kind: 'session', options: { sendWindow: 64 } }],
    seconds: 1,
  } as const;
  const result = runScenario(scenario);
  expect(runScenario(scenario)).toEqual(result);
  expect(runScenario({ ...scenario, seed: 2 })).not.toEqual(result);
});

test('a window of 1024 without control floods a line of 20 Mbit/s: most of what is sent is dropped', () => {
  const options = { sendWindow: 1024, mode: { nodelay: true, interval: 10, resend: 2, nc: true } };
  const result = runScenario({
    line: { rate: mbit(20), rtt: 1, buffer: { bytes: mbit(20) * 0.05 } },
    flows: [{ kind: 'session', options }, { kind: 'cubic' }],
    seconds: 3,
  });
  expect(flowOf(result).dropped).toBeGreaterThan(0.5);
  expect(flowOf(result).retransmitted).toBeGreaterThan(0.5);
  expect(flowOf(result).sent).toBeGreaterThan(2);
  expect(flowOf(result, 1).share).toBeLessThan(0.3);
  expect(result.line.utilisation).toBeGreaterThan(0.95);
});

test('a TCP twin alone: what arrives is what the line carries, and almost all that was sent', () => {
  const result = runScenario({ line, flows: [{ kind: 'cubic' }], seconds: 10, interval: 1000 });
  const { share, cost, sent, goodput, failure, latency, rates, srtts } = flowOf(result);
  const { utilisation, queueBdp, queue, queues, carried } = result.line;
  expect(utilisation).toBeGreaterThan(0.95);
  expect(share / utilisation).toBeCloseTo(1, 2);
  expect(goodput / mbit(20)).toBeCloseTo((share * 1448) / 1500, 6);
  expect([cost, sent / utilisation]).toEqual([expect.closeTo(1, 1), expect.closeTo(1, 1)]);
  expect(queueBdp.median).toBeCloseTo(queue.median / (mbit(20) * 0.05), 6);
  expect(queueBdp.p99).toBeLessThanOrEqual(1);
  expect(queueBdp.median).toBeGreaterThan(0.3);
  for (const series of [rates, srtts, queues, carried]) expect(series).toHaveLength(10);
  expect(srtts.at(-1)).toBeGreaterThan(60);
  expect([failure, latency]).toEqual([undefined, undefined]);
});

describe('a session', () => {
  test('that sends messages tells how long they take: half a round trip, and what they wait for', () => {
    const traffic = { bytes: 64, every: 20 };
    const { latency, goodput, retransmitted } = flowOf(
      runScenario({ line, flows: [{ kind: 'session', traffic }], seconds: 2 }),
    );
    expect(latency?.p50).toBeGreaterThanOrEqual(25);
    expect(latency?.max).toBeLessThan(30);
    expect(goodput).toBeCloseTo(3200, -2);
    expect(retransmitted).toBe(0);
  });

  test('comes and goes in its time, and the rate of the line changes in its own', () => {
    const result = runScenario({
      line: { ...line, buffer: { bdp: 4 } },
      flows: [{ kind: 'session', startAt: 0.5, stopAt: 1, options: { sendWindow: 32 } }],
      seconds: 1.5,
      changes: [{ at: 1.2, rate: mbit(1) }],
    });
    const { rates, failure } = flowOf(result);
    expect(rates.map((rate) => rate > 0)).toEqual(Array.from({ length: 15 }, (_, i) => i >= 5 && i < 10));
    expect(result.line.rates.map((rate) => rate / mbit(1))).toEqual([...Array(11).fill(20), 1, 1, 1, 1]);
    expect(failure).toBeUndefined();
  });

  test('that fails says how', () => {
    const options = { deadAfter: 500 };
    const result = runScenario({ line: { ...line, loss: 1 }, flows: [{ kind: 'session', options }], seconds: 2 });
    expect(flowOf(result).failure).toMatch(/^failed: .*500 ms/);
    expect(flowOf(result)).toMatchObject({ goodput: 0, share: 0 });
  });

  test('behind a line of its own sends no faster than that', () => {
    const options = { sendWindow: 1024 };
    const flows = [{ kind: 'session', options, access: mbit(10) }] as const;
    const result = runScenario({ line, flows, seconds: 2 });
    expect(result.line.utilisation).toBeGreaterThan(0.4);
    expect(result.line.utilisation).toBeLessThanOrEqual(0.501);
    expect(result.line.queue.p99).toBe(0);
  });
});

describe('figures', () => {
  test('quantiles and the index of Jain', () => {
    expect([0.5, 0.99, 1, 0].map((share) => quantile([1, 2, 3, 4], share))).toEqual([2, 4, 4, 1]);
    expect(quantile([], 0.5)).toBe(0);
    expect([jain([1, 1, 1]), jain([1, 0, 0, 0]), jain([0, 0])]).toEqual([1, 0.25, 0]);
  });

  test('how long a queue takes to drain, and a line to be in use again, in round trips', () => {
    // From 100 to 20 bytes per ms at 100 ms, back at 300; in steps of 10 ms. 10,000 bytes in flight take 500 ms.
    const turns = { down: 100, up: 1000, rtt: 100, before: 100_000, after: 20_000 };
    const queueAt = (empty: number): number[] =>
      Array.from({ length: 150 }, (_, i) => (i >= 10 && i < empty ? 5000 : 0));
    const carriedFrom = (full: number): number[] =>
      Array.from({ length: 150 }, (_, i) => (i < full ? 20_000 : 100_000));
    const resultOf = (queues: number[], carried: number[]): ScenarioResult =>
      ({ flows: [], line: { queues, carried }, interval: 10 }) as unknown as ScenarioResult;
    expect(drained(resultOf(queueAt(80), []), turns)).toBeCloseTo(2.1, 9);
    expect(drained(resultOf(queueAt(30), []), turns)).toBe(0);
    expect(drained(resultOf(queueAt(150), []), turns)).toBe(Infinity);
    expect(recovered(resultOf([], carriedFrom(100)), turns)).toBeCloseTo(1, 9);
    expect(recovered(resultOf([], carriedFrom(120)), turns)).toBeCloseTo(2.8, 9);
    expect(recovered(resultOf([], carriedFrom(150)), turns)).toBe(Infinity);
  });
});

describe('the table', () => {
  test('has networks of different names in each row, for each subject the same ones', () => {
    for (const row of ROWS) {
      const names = subjectsOf(SUBJECTS.join(',')).map((subject) =>
        row.trials(subject, 1).map(({ network }) => network),
      );
      for (const each of names) expect(each).toEqual(names[0]);
      expect(new Set(names[0]).size).toBe(names[0]?.length);
    }
    expect(() => subjectsOf('none,vegas')).toThrow(
      'It must be some of none, kcp, cubic, model, tcp-newreno, tcp-cubic.',
    );
  });

  test('a row is judged by its bar', () => {
    const [row] = ROWS.filter(({ name }) => name === 'own');
    const [subject] = subjectsOf('tcp-cubic');
    const [trial] = row?.trials(subject!, 1) ?? [];
    const judged = (goodputs: number[]) =>
      trial?.judge({
        flows: goodputs.map((goodput) => ({ goodput })),
        line: { utilisation: 0.9, queueBdp: { median: 0.5 } },
      } as unknown as ScenarioResult);
    expect(judged([1, 1])).toEqual({ figures: 'Jain 1.000, util 0.90, queue 0.50', passed: true });
    expect(judged([1, 4])).toEqual({ figures: 'Jain 0.735, util 0.90, queue 0.50', passed: false });
  });

  test('is written for terminals and as Markdown', () => {
    const outcomes = new Map([['one', { figures: 'util 0.97, queue 0.10', passed: true }]]);
    const row = { name: 'some', title: 'Some', bar: 'a bar', trials: () => [] };
    const rows = { row, subjects: ['one', 'two'], networks: new Map([['20 ms', outcomes]]) };
    expect(tableOf(rows)).toMatch(/20 ms .* ✓ util 0\.97 .*\n.* queue 0\.10 /);
    expect(markdownOf([rows])).toContain(
      '## Some\n\nBar: a bar.\n\n| network | one | two |\n| :-- | :-- | :-- |\n| 20 ms | ✓ util 0.97, queue 0.10 |  |\n',
    );
  });
});
