// What is drawn of a line: three charts.

import type { FlowSeries, Scenario, Series } from './run.ts';
import type { Curve } from './terminal.ts';

/** A chart: what it shows, in which unit. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly curves: readonly Curve[];
}

const MBIT = 125_000;

/** Rate, queue and round-trip time, over time. */
export function chartsOf({ line, waits, flows }: Series): Chart[] {
  const ofFlows = (values: (flow: FlowSeries) => readonly number[]): Curve[] =>
    flows.map((flow, i) => ({ name: `${i + 1} ${flow.kind}`, values: values(flow) }));
  const inMbit = (rates: readonly number[]): number[] => rates.map((rate) => rate / MBIT);
  return [
    {
      title: 'Goodput',
      unit: 'Mbit/s',
      curves: [...ofFlows(({ rates }) => inMbit(rates)), { name: 'line', values: inMbit(line) }],
    },
    { title: 'Queue', unit: 'ms of waiting', curves: [{ name: 'queue', values: waits }] },
    { title: 'Round-trip time', unit: 'ms, as each sender measures it', curves: ofFlows(({ rtts }) => rtts) },
  ];
}

/** `20 Mbit/s, round trip 50 ms, queue of 125000 bytes` */
export function lineInWords({ rate, rtt, queueBytes, codel, loss, seed }: Scenario): string {
  const lost = loss > 0 ? `, ${+(100 * loss).toFixed(2)} % lost` : '';
  const queue = `queue of ${queueBytes} bytes${codel ? ' with CoDel' : ''}`;
  return `A line of ${+(rate / MBIT).toFixed(2)} Mbit/s, round trip ${rtt} ms, ${queue}${lost}. Seed ${seed}.`;
}

/** `1 model: 9.5 Mbit/s, from the start`, for each flow, and the drops. */
export function flowsInWords({ flows }: Scenario, series: Series): string[] {
  const lines = series.flows.map(({ kind, rates }, i) => {
    const from = (flows[i]?.from ?? 0) / series.step;
    const active = rates.slice(from);
    const mean = active.reduce((sum, rate) => sum + rate, 0) / Math.max(active.length, 1);
    return `${i + 1} ${kind}: ${(mean / MBIT).toFixed(2)} Mbit/s on average, from second ${(from * series.step) / 1000}`;
  });
  return [...lines, `dropped by the queue: ${(100 * series.dropped).toFixed(2)} % of the datagrams`];
}
