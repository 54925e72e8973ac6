// Many flows through one line, in virtual time, and what is measured of them.

import { type Bottleneck, bottleneck, VirtualScheduler } from 'rxkcp/testing';
import { quantile } from './figures.ts';
import { SessionFlow } from './session-flow.ts';
import { TwinFlow } from './twin-flow.ts';
import type {
  FlowResult,
  FlowTotals,
  LineOptions,
  RunningFlow,
  Scenario,
  ScenarioResult,
  SessionFlowOptions,
  TcpFlowOptions,
} from './types.ts';

/** Bytes per second of so many Mbit/s. */
export const mbit = (rate: number): number => Math.round(rate * 125_000);

/** ms between samples of the queue. */
const SAMPLE_MS = 1;
/** Bytes of an IPv4 and a UDP header; in addition, of a segment header. */
const HEADERS = 28 + 24;
const MSS = 1376;

class Recorder {
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

  result(ms: number, lineRate: number): FlowResult {
    const { before, rates, srtts } = this;
    const after = this.flow.totals();
    const since = (name: 'payload' | 'segments' | 'retransmitted' | 'datagrams' | 'dropped' | 'lineBytes'): number =>
      after[name] - before[name];
    const goodput = (since('payload') * 1000) / ms;
    const latencies = after.latencies.slice(before.latencies.length).sort((a, b) => a - b);
    return {
      goodput,
      share: (goodput * (1 + HEADERS / MSS)) / lineRate,
      retransmitted: since('retransmitted') / Math.max(since('segments') + since('retransmitted'), 1),
      overhead: since('lineBytes') / Math.max(since('payload'), 1),
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

/** The same scenario, the same result. */
export function runScenario(scenario: Scenario): ScenarioResult {
  const { line: lineOptions, flows, seconds, changes = [], interval = 100, seed = 1 } = scenario;
  const { measureFrom = seconds / 4 } = scenario;
  const scheduler = new VirtualScheduler();
  const line = lineOf(lineOptions, seed, scheduler);
  const recorders = flows.map((flow) => new Recorder(new LateFlow(flow, lineOptions, line, scheduler, seed)));
  for (const { at, rate } of changes) scheduler.schedule(() => line.setRate(rate), 1000 * at);
  const queued: number[] = [];
  const queuedBdp: number[] = [];
  const queues: number[] = [];
  const rates: number[] = [];
  let carriedBefore = 0;
  let capacity = 0;
  for (let now = SAMPLE_MS; now <= 1000 * seconds; now += SAMPLE_MS) {
    scheduler.run(now);
    const { queuedBytes, bytesPerSecond } = line;
    if (now === 1000 * measureFrom) {
      for (const recorder of recorders) recorder.before = recorder.flow.totals();
      carriedBefore = line.carriedBytes;
    }
    if (now > 1000 * measureFrom) {
      queued.push(queuedBytes);
      queuedBdp.push((queuedBytes * 1000) / (bytesPerSecond * lineOptions.rtt));
      capacity += (bytesPerSecond * SAMPLE_MS) / 1000;
    }
    if (now % interval !== 0) continue;
    for (const recorder of recorders) recorder.point(interval);
    queues.push(queuedBytes);
    rates.push(bytesPerSecond);
  }
  const ms = 1000 * (seconds - measureFrom);
  const results = recorders.map((recorder) => recorder.result(ms, line.bytesPerSecond));
  for (const { flow } of recorders) flow.stop();
  queued.sort((a, b) => a - b);
  queuedBdp.sort((a, b) => a - b);
  return {
    flows: results,
    line: {
      utilisation: (line.carriedBytes - carriedBefore) / capacity,
      queue: { median: quantile(queued, 0.5), p99: quantile(queued, 0.99) },
      queueBdp: { median: quantile(queuedBdp, 0.5), p99: quantile(queuedBdp, 0.99) },
      queues,
      rates,
    },
    interval,
  };
}

function lineOf(options: LineOptions, seed: number, scheduler: VirtualScheduler): Bottleneck {
  const { rate, rtt, buffer = { bdp: 1 }, codel, loss } = options;
  const queueBytes = Math.round('bytes' in buffer ? buffer.bytes : (buffer.bdp * rate * rtt) / 1000);
  return bottleneck({ bytesPerSecond: rate, queueBytes, codel, delay: rtt / 2, loss, seed, scheduler });
}

const NOTHING: FlowTotals = {
  ...{ payload: 0, segments: 0, retransmitted: 0, datagrams: 0, dropped: 0, lineBytes: 0 },
  ...{ srtt: 0, latencies: [], failure: undefined },
};

/** A flow that begins and ends in its time. */
class LateFlow implements RunningFlow {
  #running: RunningFlow | undefined;
  #last = NOTHING;

  constructor(
    flow: SessionFlowOptions | TcpFlowOptions,
    { returnLoss, coalesce }: LineOptions,
    line: Bottleneck,
    scheduler: VirtualScheduler,
    seed: number,
  ) {
    const { startAt = 0, stopAt } = flow;
    const path = line.flow({ returnLoss, coalesce });
    scheduler.schedule(() => {
      this.#running =
        flow.kind === 'session'
          ? new SessionFlow(path, flow, line, scheduler, seed)
          : new TwinFlow(path, flow.kind, scheduler);
    }, 1000 * startAt);
    if (stopAt !== undefined) scheduler.schedule(() => this.stop(), 1000 * stopAt);
  }

  totals(): FlowTotals {
    return this.#running?.totals() ?? this.#last;
  }

  stop(): void {
    this.#last = this.totals();
    this.#running?.stop();
    this.#running = undefined;
  }
}
