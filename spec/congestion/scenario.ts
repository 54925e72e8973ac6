// Many flows through one line, in virtual time, and what is measured of them.

import { type Bottleneck, bottleneck, type Flow, VirtualScheduler } from 'rxkcp/testing';
import { quantile } from './figures.ts';
import { Recorder } from './recorder.ts';
import { SessionFlow } from './session-flow.ts';
import { TwinFlow } from './twin-flow.ts';
import type {
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
/** The golden ratio: samples at these fractions of a ms, for sessions send at whole ones, and a queue is longest then. */
const PHASE = (Math.sqrt(5) - 1) / 2;

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
  const carried: number[] = [];
  let carriedThen = 0;
  let carriedBefore = 0;
  let capacity = 0;
  const from = Math.round(1000 * measureFrom);
  for (let now = SAMPLE_MS; now <= 1000 * seconds; now += SAMPLE_MS) {
    scheduler.run(now - ((now * PHASE) % SAMPLE_MS));
    const { queuedBytes, bytesPerSecond } = line;
    scheduler.run(now);
    if (now === from) {
      for (const recorder of recorders) recorder.before = recorder.flow.totals();
      carriedBefore = line.carriedBytes;
    }
    if (now > from) {
      queued.push(queuedBytes);
      queuedBdp.push((queuedBytes * 1000) / (bytesPerSecond * lineOptions.rtt));
      capacity += (bytesPerSecond * SAMPLE_MS) / 1000;
    }
    if (now % interval !== 0) continue;
    for (const recorder of recorders) recorder.point(interval);
    queues.push(queuedBytes);
    rates.push(line.bytesPerSecond);
    carried.push(((line.carriedBytes - carriedThen) * 1000) / interval);
    carriedThen = line.carriedBytes;
  }
  const ms = 1000 * seconds - from;
  const results = recorders.map((recorder) => recorder.result(ms, capacity));
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
      carried,
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
  ...{ expansion: 1, srtt: 0, latencies: [], failure: undefined },
};

/** A flow that begins and ends in its time. */
class LateFlow {
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
    const shared = line.flow({ returnLoss, coalesce });
    const path = 'access' in flow ? behind(flow.access, shared, scheduler) : shared;
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

/** Bytes that wait for a line of the sender's own: about what a network card and its queue take. */
const ACCESS_QUEUE = 1_500_000;

/** `path`, with another line in front of it. */
function behind(bytesPerSecond: number | undefined, path: Flow, scheduler: VirtualScheduler): Flow {
  if (bytesPerSecond === undefined) return path;
  const { sender, receiver } = bottleneck({ bytesPerSecond, queueBytes: ACCESS_QUEUE, scheduler }).flow();
  receiver.incoming.subscribe((burst) => path.sender.outgoing.next(burst));
  return { ...path, sender: { incoming: path.sender.incoming, outgoing: sender.outgoing } };
}
