// Bulk transfers that share one line, in virtual time, and what is measured of them ten times per second.

import { interval } from 'rxjs';
import { connect, MODES, type Session, type SessionOptions } from 'rxkcp';
import { type Bottleneck, bottleneck, type Flow, seededRandom, tcpFlow, VirtualScheduler } from 'rxkcp/testing';

/** Sessions under each controller, and TCP to compare with. */
const SESSIONS = {
  none: { mode: MODES.fast3, sendWindow: 1024 },
  kcp: { mode: { ...MODES.fast3, nc: false } },
  cubic: { mode: MODES.fast3, controller: 'cubic' },
  model: { mode: MODES.fast3, controller: 'model' },
} as const satisfies Record<string, SessionOptions>;
const TWINS = { 'tcp-newreno': 'newreno', 'tcp-cubic': 'cubic' } as const;

export type Kind = keyof typeof SESSIONS | keyof typeof TWINS;

/** All kinds of flows. */
export const KINDS = [...Object.keys(SESSIONS), ...Object.keys(TWINS)] as readonly Kind[];

/** Times in ms, rates in bytes per second. */
export interface Scenario {
  readonly rate: number;
  readonly rtt: number;
  /** Bytes that the queue holds. */
  readonly queueBytes: number;
  /** Whether CoDel keeps the queue short. */
  readonly codel: boolean;
  /** Share of datagrams lost at random. */
  readonly loss: number;
  readonly flows: readonly { readonly kind: Kind; readonly from: number }[];
  readonly changes: readonly { readonly at: number; readonly rate: number }[];
  readonly length: number;
  readonly seed: number;
}

/** What one flow did in each tenth of a second. */
export interface FlowSeries {
  readonly kind: Kind;
  /** Application bytes per second that have arrived. */
  readonly rates: number[];
  /** Round-trip time as the sender measures it, ms; NaN while it has no sample. */
  readonly rtts: number[];
}

/** What happened on a line, in each tenth of a second. */
export interface Series {
  /** ms between points. */
  readonly step: number;
  /** Rate of the line, bytes per second. */
  readonly line: number[];
  /** Time that a datagram waits in the queue, ms. */
  readonly waits: number[];
  readonly flows: readonly FlowSeries[];
  /** Share of datagrams that the queue has dropped. */
  readonly dropped: number;
}

const STEP = 100;
/** ms between two looks at what a session has left to send. */
const REFILL = 5;
const READY = 256 * 1024;

/** A flow under way: what it has got across, and how long a round trip takes. */
interface Sample {
  readonly bytes: number;
  readonly srtt: number;
}

/** The same scenario, the same series. */
export function simulateLine({ rate, rtt, queueBytes, codel, loss, flows, changes, length, seed }: Scenario): Series {
  const scheduler = new VirtualScheduler();
  const queue = { queueBytes, codel: codel ? {} : undefined };
  const line = bottleneck({ scheduler, bytesPerSecond: rate, ...queue, delay: rtt / 2, loss, seed });
  const series: Series & { flows: FlowSeries[] } = { step: STEP, line: [], waits: [], flows: [], dropped: 0 };
  const samples: (() => Sample)[] = [];
  for (const [i, { kind, from }] of flows.entries()) {
    let sample = (): Sample => ({ bytes: 0, srtt: 0 });
    scheduler.schedule(() => {
      sample = started(kind, line.flow(), line, scheduler, seed + i);
    }, from);
    samples.push(() => sample());
    series.flows.push({ kind, rates: [], rtts: [] });
  }
  for (const { at, rate: changed } of changes) scheduler.schedule(() => line.setRate(changed), at);
  const before = flows.map(() => 0);
  for (let now = STEP; now <= length; now += STEP) {
    scheduler.run(now);
    series.line.push(line.bytesPerSecond);
    series.waits.push(line.wait);
    for (const [i, { rates, rtts }] of series.flows.entries()) {
      const { bytes, srtt } = samples[i]?.() ?? { bytes: 0, srtt: 0 };
      rates.push(((bytes - (before[i] ?? 0)) * 1000) / STEP);
      rtts.push(srtt === 0 ? NaN : srtt);
      before[i] = bytes;
    }
  }
  const { sent, dropped } = line.counts();
  return { ...series, dropped: dropped / Math.max(sent, 1) };
}

/** Starts a bulk transfer. Returns what tells how it is doing. */
function started(kind: Kind, flow: Flow, line: Bottleneck, scheduler: VirtualScheduler, seed: number): () => Sample {
  if (isTwin(kind)) {
    const twin = tcpFlow(flow, TWINS[kind], scheduler);
    return () => {
      const { receivedBytes, srtt } = twin.stats();
      return { bytes: receivedBytes, srtt };
    };
  }
  const windows = { sendWindow: 65_535, receiveWindow: 65_535 };
  const options = { conv: 1, stream: true, ...windows, ...SESSIONS[kind], scheduler };
  let bytes = 0;
  let sender: Session | undefined;
  connect({ ...options, link: flow.sender, random: seededRandom(2 * seed) }).subscribe((session) => {
    sender = session;
    session.subscribe({ error: () => {} });
    // As much as the session sends, without filling a window of 90 MB beforehand.
    const chunk = new Uint8Array(READY);
    const refill = interval(REFILL, scheduler).subscribe(() => {
      const { inFlight, queued, sendWindow, queuedBytes } = session.stats();
      const ready = READY + line.bytesPerSecond / 50;
      if (queuedBytes < ready && inFlight + queued < sendWindow) session.next(chunk);
    });
    session.closed$.subscribe(() => refill.unsubscribe());
  });
  connect({ ...options, link: flow.receiver, random: seededRandom(2 * seed + 1) }).subscribe((session) => {
    session.subscribe({ next: ({ length }) => (bytes += length), error: () => {} });
  });
  return () => ({ bytes, srtt: sender?.stats().srtt ?? 0 });
}

function isTwin(kind: Kind): kind is keyof typeof TWINS {
  return kind in TWINS;
}
