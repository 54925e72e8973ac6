// The rows of the table: the networks of each, and what must be seen on them.

import { jain } from './figures.ts';
import { mbit } from './scenario.ts';
import type { Subject } from './subjects.ts';
import { drained, recovered } from './turns.ts';
import type { FlowResult, LineOptions, Scenario, ScenarioResult } from './types.ts';

/** What came out on one network. */
export interface Outcome {
  /** In few words. */
  readonly figures: string;
  readonly passed: boolean;
}

/** One network of a row. */
export interface Trial {
  readonly network: string;
  readonly scenario: Scenario;
  judge(result: ScenarioResult): Outcome;
}

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly bar: string;
  /** @param scale of the times that are measured; 1 is usual. */
  trials(subject: Subject, scale: number): Trial[];
}

const RATES = [1, 20, 100] as const;
const ROUND_TRIPS = [20, 100, 200] as const;
/** Buffers are this many datagrams at least: 1 BDP of 1 Mbit/s and 20 ms is not even two. */
const BUFFER_MIN = 8 * 1428;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const fixed = (value: number): string => value.toFixed(2);
const words = (...parts: readonly (string | false)[]): string => parts.filter((part) => part !== false).join(', ');

/** A line with a buffer of so many BDP. */
function lineOf(rate: number, rtt: number, bdp = 1, loss = 0): LineOptions {
  const bytes = Math.max((bdp * mbit(rate) * rtt) / 1000, BUFFER_MIN);
  return { rate: mbit(rate), rtt, buffer: { bytes }, loss };
}

/** s in which a start is over: longer on slow lines and long ones. */
const settling = (rtt: number, scale: number): number => scale * Math.max(5, (50 * rtt) / 1000);

function one({ flows }: ScenarioResult, place = 0): FlowResult {
  return flows[place] as FlowResult;
}

const failureOf = ({ flows }: ScenarioResult): string | false => flows.find(({ failure }) => failure)?.failure ?? false;

/** A trial for each rate and round trip. */
function alone(
  subject: Subject,
  scale: number,
  loss: number,
  judge: (result: ScenarioResult, line: LineOptions) => Outcome,
): Trial[] {
  return RATES.flatMap((rate) =>
    ROUND_TRIPS.map((rtt) => {
      const line = lineOf(rate, rtt, 1, loss);
      const measureFrom = settling(rtt, scale);
      return {
        network: words(`${rate} Mbit/s`, `${rtt} ms`, loss > 0 && `${100 * loss} % lost`),
        scenario: { line, flows: [subject.flow()], seconds: measureFrom + 20 * scale, measureFrom },
        judge: (result) => judge(result, line),
      };
    }),
  );
}

const ALONE: Row = {
  name: 'alone',
  title: 'Alone, buffer 1 BDP (8 datagrams at least)',
  bar: 'utilisation ≥ 0.93; median queue ≤ 0.25 BDP, or 2 datagrams; sent again ≤ 1 %',
  trials: (subject, scale) =>
    alone(subject, scale, 0, (result, { rate, rtt }) => {
      const { utilisation, queue, queueBdp } = result.line;
      const { retransmitted, dropped } = one(result);
      const isShort = queue.median <= Math.max((0.25 * rate * rtt) / 1000, 2 * 1428);
      return {
        figures: words(
          failureOf(result),
          `util ${fixed(utilisation)}`,
          `queue ${fixed(queueBdp.median)} / p99 ${fixed(queueBdp.p99)}`,
          `again ${percent(retransmitted)}`,
          `dropped ${percent(dropped)}`,
        ),
        passed: !failureOf(result) && utilisation >= 0.93 && isShort && retransmitted <= 0.01,
      };
    }),
};

/** Share that is lost, and the share of the line that must be left. */
const LOSSES = [
  [0.02, 0.9],
  [0.1, 0.85],
  [0.2, 0.7],
] as const;

const LOSS: Row = {
  name: 'loss',
  title: 'Alone with random loss p behind the line',
  bar: '2, 10, 20 %: goodput with headers ≥ 0.9, 0.85, 0.7 of the line; bytes sent ≤ 1.08 × those ÷ (1 − p)',
  trials: (subject, scale) =>
    LOSSES.flatMap(([loss, least]) =>
      alone(subject, scale, loss, (result) => {
        const { share, cost, dropped } = one(result);
        const waste = cost * (1 - loss);
        return {
          figures: words(
            failureOf(result),
            `share ${fixed(share)}`,
            `sent × ${fixed(waste)}`,
            `dropped ${percent(dropped)}`,
            `queue ${fixed(result.line.queueBdp.median)}`,
          ),
          passed: !failureOf(result) && share >= least && waste <= 1.08,
        };
      }),
    ),
};

const RIG: Row = {
  name: 'rig',
  title: 'The line of the rig: 20 Mbit/s, 1 ms, a queue of 50 ms; send window 1024 and 65535',
  bar: 'alone: goodput ≥ 18.5 Mbit/s, dropped ≤ 0.02; beside CUBIC: both ≥ 7 Mbit/s',
  trials: (subject, scale) =>
    [1024, 65_535].flatMap((window) => {
      const line = { rate: mbit(20), rtt: 1, buffer: { bytes: mbit(20) * 0.05 } };
      const times = { seconds: 25 * scale, measureFrom: 5 * scale };
      const inMbit = ({ goodput }: FlowResult): number => goodput / mbit(1);
      return [
        {
          network: `window ${window}, alone`,
          scenario: { line, flows: [subject.flow({ window })], ...times },
          judge(result) {
            const { dropped } = one(result);
            const rate = inMbit(one(result));
            return {
              figures: words(failureOf(result), `${rate.toFixed(1)} Mbit/s`, `dropped ${percent(dropped)}`),
              passed: !failureOf(result) && rate >= 18.5 && dropped <= 0.02,
            };
          },
        },
        {
          network: `window ${window}, beside CUBIC`,
          scenario: { line, flows: [subject.flow({ window }), { kind: 'cubic' }], ...times },
          judge(result) {
            const [ours, theirs] = [inMbit(one(result)), inMbit(one(result, 1))];
            return {
              figures: words(failureOf(result), `ours ${ours.toFixed(1)}`, `CUBIC ${theirs.toFixed(1)} Mbit/s`),
              passed: !failureOf(result) && Math.min(ours, theirs) >= 7,
            };
          },
        },
      ] satisfies Trial[];
    }),
};

const BESIDE_CUBIC: Row = {
  name: 'beside-cubic',
  title: 'Beside one CUBIC flow of TCP: 20 Mbit/s, 50 ms',
  bar: '0.5 … 1.5 of the fair share; `cubic`: 0.7 … 1.4',
  trials: (subject, scale) =>
    [0.5, 1, 4].flatMap((bdp) =>
      [0, 10].map((startAt) => ({
        network: `buffer ${bdp} BDP, ${startAt === 0 ? 'from the start' : `${startAt} s later`}`,
        scenario: {
          line: lineOf(20, 50, bdp),
          flows: [subject.flow({ startAt: startAt * scale }), { kind: 'cubic' }],
          seconds: 90 * scale,
          measureFrom: 30 * scale,
        },
        judge(result) {
          const share = 2 * one(result).share;
          const [least, most] = subject.name === 'cubic' ? [0.7, 1.4] : [0.5, 1.5];
          return {
            figures: words(
              failureOf(result),
              `${fixed(share)} of the fair share`,
              `CUBIC ${fixed(2 * one(result, 1).share)}`,
              `queue ${fixed(result.line.queueBdp.median)}`,
            ),
            passed: !failureOf(result) && share >= least && share <= most,
          };
        },
      })),
    ),
};

const FAIRNESS: Row = {
  name: 'own',
  title: 'Of its own kind, joining 10 s apart: 40 Mbit/s, 50 ms',
  bar: "Jain's index ≥ 0.95, from 20 RTT after the last has joined, over 10 s",
  trials: (subject, scale) =>
    [2, 4, 8].map((count) => {
      const last = 10 * scale * (count - 1);
      const measureFrom = last + 1;
      return {
        network: `${count} flows`,
        scenario: {
          line: lineOf(40, 50),
          flows: Array.from({ length: count }, (_, i) => subject.flow({ startAt: 10 * scale * i })),
          seconds: measureFrom + 10 * scale,
          measureFrom,
        },
        judge(result) {
          const index = jain(result.flows.map(({ goodput }) => goodput));
          return {
            figures: words(
              failureOf(result),
              `Jain ${index.toFixed(3)}`,
              `util ${fixed(result.line.utilisation)}`,
              `queue ${fixed(result.line.queueBdp.median)}`,
            ),
            passed: !failureOf(result) && index >= 0.95,
          };
        },
      };
    }),
};

const THIN: Row = {
  name: 'thin',
  title: 'A stream of 64 bytes each 20 ms beside a bulk of the same kind: 20 Mbit/s, 50 ms',
  bar: 'p99 ≤ RTT + 30 ms',
  trials: (subject, scale) =>
    [1, 4].map((bdp) => {
      const bulk = subject.flow();
      const options = bulk.kind === 'session' ? { options: bulk.options ?? {} } : {};
      return {
        network: `buffer ${bdp} BDP`,
        scenario: {
          line: lineOf(20, 50, bdp),
          flows: [bulk, { kind: 'session', ...options, traffic: { bytes: 64, every: 20 } }],
          seconds: 40 * scale,
          measureFrom: 10 * scale,
        },
        judge(result) {
          const { p50 = Infinity, p99 = Infinity } = one(result, 1).latency ?? {};
          return {
            figures: words(
              failureOf(result),
              `p50 ${Math.round(p50)} ms`,
              `p99 ${Math.round(p99)} ms`,
              `util ${fixed(result.line.utilisation)}`,
            ),
            passed: !failureOf(result) && p99 <= 50 + 30,
          };
        },
      };
    }),
};

const STEP: Row = {
  name: 'step',
  title: 'The line drops from 100 to 5 Mbit/s and comes back: 50 ms, buffer 1 BDP of 100 Mbit/s, and a fifth of it',
  bar: 'no session ends; queue drained ≤ 10 RTT after the line could have carried what was in flight; 80 % again ≤ 10 RTT',
  trials: (subject, scale) =>
    [1, 0.2].map((bdp) => {
      const [down, up] = [10 * scale, 20 * scale];
      const interval = 10;
      return {
        network: `buffer ${bdp} BDP`,
        scenario: {
          line: lineOf(100, 50, bdp),
          flows: [subject.flow()],
          seconds: 30 * scale,
          changes: [
            { at: down, rate: mbit(5) },
            { at: up, rate: mbit(100) },
          ],
          interval,
        },
        judge(result) {
          const rtt = 50;
          const turns = { down: 1000 * down, up: 1000 * up, rtt, before: mbit(100), after: mbit(5) };
          const [emptied, back] = [drained(result, turns), recovered(result, turns)];
          return {
            figures: words(
              failureOf(result),
              `drained after ${emptied.toFixed(1)} RTT more`,
              `80 % after ${back.toFixed(1)} RTT`,
            ),
            passed: !failureOf(result) && emptied <= 10 && back <= 10,
          };
        },
      };
    }),
};

const FAST_SERVER: Row = {
  name: 'fast-server',
  title: 'A server at 500 Mbit/s, a client at 49 Mbit/s',
  bar: 'bytes sent ≤ 1.1 × what the line can carry, from the start',
  trials: (subject, scale) =>
    [20, 100].map((rtt) => {
      const flow = subject.flow();
      return {
        network: `${rtt} ms`,
        scenario: {
          line: lineOf(49, rtt),
          flows: [flow.kind === 'session' ? { ...flow, access: mbit(500) } : flow],
          seconds: 20 * scale,
          measureFrom: 0,
        },
        judge(result) {
          const { sent, share, dropped } = one(result);
          return {
            figures: words(
              failureOf(result),
              `sent ${fixed(sent)} of the line`,
              `share ${fixed(share)}`,
              `dropped ${percent(dropped)}`,
            ),
            passed: !failureOf(result) && sent <= 1.1,
          };
        },
      };
    }),
};

/** All rows. */
export const ROWS: readonly Row[] = [ALONE, LOSS, RIG, BESIDE_CUBIC, FAIRNESS, THIN, STEP, FAST_SERVER];
