// What is measured of a flow, over time and from the time on at which measuring begins.

import { quantile } from './figures.ts';
import type { FlowResult, FlowTotals, RunningFlow } from './types.ts';

export class Recorder {
  readonly flow: RunningFlow;
  readonly rates: number[] = [];
  readonly srtts: number[] = [];
  #payload = 0;
  /** When measuring began. */
  before: FlowTotals;

  constructor(flow: RunningFlow) {
    this.flow = flow;
    this.before = flow.totals();
  }

  point(interval: number): void {
    const { payload, srtt } = this.flow.totals();
    this.rates.push(((payload - this.#payload) * 1000) / interval);
    this.srtts.push(srtt);
    this.#payload = payload;
  }

  /** @param capacity bytes that the line could have carried in `ms`. */
  result(ms: number, capacity: number): FlowResult {
    const { before, rates, srtts } = this;
    const after = this.flow.totals();
    const since = (name: 'payload' | 'segments' | 'retransmitted' | 'datagrams' | 'dropped' | 'lineBytes'): number =>
      after[name] - before[name];
    const payload = since('payload') * after.expansion;
    const latencies = after.latencies.slice(before.latencies.length).sort((a, b) => a - b);
    return {
      goodput: (since('payload') * 1000) / ms,
      share: payload / capacity,
      retransmitted: since('retransmitted') / Math.max(since('segments') + since('retransmitted'), 1),
      cost: since('lineBytes') / Math.max(payload, 1),
      sent: since('lineBytes') / capacity,
      dropped: since('dropped') / Math.max(since('datagrams'), 1),
      latency:
        latencies.length === 0
          ? undefined
          : { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), max: quantile(latencies, 1) },
      rates,
      srtts,
      failure: after.failure,
    };
  }
}
