// What a soak comes to: sums, and whether anything was lost, has grown, or went wrong.

import { type Growth, growthOf, POINTS_MIN } from './growth.ts';
import type { Logbook } from './logbook.ts';
import type { Network } from './network.ts';
import type { SoakProcess, TimedSample } from './process.ts';

/** All loads of a kind. */
export interface KindTotals {
  readonly kind: string;
  messages: number;
  bytes: number;
  sessions: number;
  lost: number;
  duplicates: number;
  readonly failed: { [code: string]: number };
}

export interface ProcessFigures {
  readonly name: string;
  /** s that it lived. */
  readonly seconds: number;
  /** Share of one core. */
  readonly cpu: number;
  /** Undefined where it has not lived for long enough. */
  readonly rss: Growth | undefined;
  /** V8's heaps and what they hold outside. */
  readonly heap: Growth | undefined;
  readonly handles: readonly [first: number, last: number];
  readonly sessionsLeft: number;
  /** After garbage collections: s since the beginning, bytes of RSS, of the heap and outside, and of what V8 has taken for its heaps. */
  readonly series: readonly (readonly [at: number, rss: number, heap: number, committed: number])[];
}

export interface Verdict {
  readonly seed: number;
  readonly seconds: number;
  readonly failures: readonly string[];
  readonly moreFailures: number;
  readonly kinds: readonly KindTotals[];
  readonly oob: { readonly sent: number; readonly received: number };
  readonly go: Logbook['go'];
  readonly faults: Logbook['faults'];
  readonly timeline: Logbook['timeline'];
  readonly socketErrors: Logbook['socketErrors'];
  readonly leavings: Logbook['leavings'];
  readonly network: ReturnType<Network['stats']>;
  readonly processes: readonly ProcessFigures[];
  /** Of all processes together, this one included: share of one core. */
  readonly cpu: number;
}

/** More open files at the end than at the beginning, at most: what Node itself opens late. */
const HANDLES = 4;
/** A soak in which so many samples are due, or more, has to tell whether memory grows; a process that was held up misses some. */
const SAMPLES_DUE = 4 * POINTS_MIN;

export function verdictOf(logbook: Logbook, network: Verdict['network']): Verdict {
  const seconds = (performance.now() - logbook.began) / 1000;
  const processes = logbook.processes.map((each) => figuresOf(each, logbook));
  logbook.processes.forEach((each, index) => {
    judge(processes[index] as ProcessFigures, !each.wasKilled, logbook);
  });
  if (logbook.go?.rounds === 0) logbook.wrong("kcp-go's clients", 'not one of them has had its bytes back');
  const kinds = kindsOf(logbook.processes);
  const { user, system } = process.cpuUsage();
  const spent = logbook.processes.reduce((sum, { samples }) => sum + (samples.at(-1)?.cpuSeconds ?? 0), 0);
  const loads = logbook.processes.flatMap((each) => each.loads);
  return {
    seed: logbook.plan.seed,
    seconds,
    failures: logbook.failures,
    moreFailures: logbook.moreFailures,
    kinds,
    oob: {
      sent: loads.reduce((sum, { oobSent }) => sum + oobSent, 0),
      received: loads.reduce((sum, { oobReceived }) => sum + oobReceived, 0),
    },
    go: logbook.go,
    faults: logbook.faults,
    timeline: logbook.timeline,
    socketErrors: logbook.socketErrors,
    leavings: logbook.leavings,
    network,
    processes,
    cpu: (spent + (user + system) / 1e6) / seconds,
  };
}

function kindsOf(processes: readonly SoakProcess[]): KindTotals[] {
  const kinds = new Map<string, KindTotals>();
  for (const { kind, messages, bytes, sessions, lost, duplicates, failed } of processes.flatMap(({ loads }) => loads)) {
    const none: KindTotals = { kind, messages: 0, bytes: 0, sessions: 0, lost: 0, duplicates: 0, failed: {} };
    const totals = kinds.get(kind) ?? none;
    kinds.set(kind, totals);
    totals.messages += messages;
    totals.bytes += bytes;
    totals.sessions += sessions;
    totals.lost += lost;
    totals.duplicates += duplicates;
    for (const [code, count] of Object.entries(failed)) totals.failed[code] = (totals.failed[code] ?? 0) + count;
  }
  return [...kinds.values()];
}

function figuresOf({ name, samples, started }: SoakProcess, { plan, began, ended }: Logbook): ProcessFigures {
  const [first] = samples;
  const last = samples.at(-1);
  const warm = samples.filter(({ at }) => at > began + plan.warmUp && at < ended);
  const collected = warm.filter((sample) => sample.collected);
  const told = collected.length >= POINTS_MIN ? collected : warm;
  const isLong = (warm.at(-1)?.at ?? 0) - (warm[0]?.at ?? 0) > (ended - began - plan.warmUp) / 2;
  const growth = (value: (sample: TimedSample) => number): Growth | undefined => {
    const points = told.map((sample) => ({ at: sample.at, value: value(sample) }));
    return isLong ? growthOf(points, plan.bounds) : undefined;
  };
  const seconds = ((last?.at ?? started) - started) / 1000;
  return {
    name,
    seconds,
    cpu: (last?.cpuSeconds ?? 0) / Math.max(seconds, 1),
    rss: growth(({ rss }) => rss),
    heap: growth(({ heap, external }) => heap + external),
    handles: [first?.handles ?? 0, last?.handles ?? 0],
    sessionsLeft: last?.sessions ?? 0,
    series: samples
      .filter((sample) => sample.collected)
      .map(({ at, rss, heap, external, committed }) => [
        Math.round((at - began) / 1000),
        rss,
        heap + external,
        committed,
      ]),
  };
}

/** @param lasted whether the process was there until the end: then there is to be something to judge. */
function judge(figures: ProcessFigures, lasted: boolean, logbook: Logbook): void {
  const { name, rss, heap } = figures;
  const [before, after] = figures.handles;
  const { began, ended, plan } = logbook;
  const due = (ended - began - plan.warmUp) / plan.sampleEvery;
  if (lasted && rss === undefined && due >= SAMPLES_DUE) {
    logbook.wrong(name, `too few samples to tell whether memory grows, where ${Math.floor(due)} were due`);
  }
  for (const [what, growth] of Object.entries({ RSS: rss, heap })) {
    if (growth?.grows) logbook.wrong(name, `${what} has grown from ${growth.first} to ${growth.last} bytes`);
  }
  if (after > before + HANDLES) logbook.wrong(name, `${before} files were open at first, ${after} in the end`);
}
