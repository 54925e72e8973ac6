// The diagrams, drawn by Observable Plot to SVG. Colours are those of the page: see `palette` in page.ts.

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { History, Reason, SegmentHistory, Transmission } from './history.ts';
import type { Run, Sample } from './run.ts';
import { settingName } from './setting.ts';
import { PERCENTILES, percentile } from './words.ts';

const { document } = parseHTML('<html></html>');

const WIDTH = 1120;
const MARGINS = { marginLeft: 56, marginRight: 24, marginTop: 24, marginBottom: 40 };

/** A sign of the time–sequence diagram: each has a colour and a shape of its own, so that either is enough. */
interface Sign {
  readonly words: string;
  readonly colour: string;
  readonly symbol: Plot.SymbolType;
  /** Drawn as a line, not filled. */
  readonly open?: boolean;
}

const SIGNS: Readonly<Record<Reason | 'lost' | 'recovered', Sign>> = {
  sent: { words: 'sent', colour: 'var(--sent)', symbol: 'circle' },
  fast: { words: 'sent again: fast (two later ones were acknowledged)', colour: 'var(--fast)', symbol: 'triangle' },
  early: { words: 'sent again: early (one was, and nothing new to send)', colour: 'var(--early)', symbol: 'diamond' },
  timeout: { words: 'sent again: timeout', colour: 'var(--timeout)', symbol: 'square' },
  opener: { words: 'sent again with others: the oldest segment, unanswered', colour: 'var(--sent)', symbol: 'wye' },
  lost: { words: 'lost on the way', colour: 'var(--lost)', symbol: 'times', open: true },
  recovered: { words: 'rebuilt by FEC', colour: 'var(--recovered)', symbol: 'star' },
};

/** What of a run a time–sequence diagram shows. */
interface Frame {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly height: number;
  /** Size of a sign. */
  readonly r: number;
}

/** All of a run: from left to right the time, from bottom to top the segments. */
export function wholeSequence(run: Run, history: History): Figure {
  const last = Math.max(history.segments.length - 1, 1);
  return sequence(run, history, { x: [0, run.until], y: [0, last], height: 440, r: 3 });
}

/** The neighbourhood of the segment that took longest to arrive. Undefined where none has. */
export function closeUp(run: Run, history: History): Figure | undefined {
  const took = ({ sentAt, arrivedAt = sentAt }: SegmentHistory): number => arrivedAt - sentAt;
  const [slowest] = history.segments
    .filter(({ arrivedAt }) => arrivedAt !== undefined)
    .sort((a, b) => took(b) - took(a));
  if (slowest === undefined) return undefined;
  const margin = Math.max(run.scenario.rtt, took(slowest) / 4, 40);
  const from = Math.max(slowest.sentAt - margin, 0);
  const to = Math.min(slowest.sentAt + took(slowest) + margin, run.until);
  const sns = history.segments
    .filter(({ sentAt, ackedAt = to }) => sentAt <= to && ackedAt >= from)
    .map(({ sn }) => sn);
  const y: [number, number] = [Math.min(...sns), Math.max(...sns)];
  const height = Math.min(Math.max(12 * (y[1] - y[0]) + 80, 240), 640);
  return sequence(run, history, { x: [from, to], y, height, r: 4 });
}

function sequence(run: Run, history: History, { x, y, height, r }: Frame): Figure {
  const isShown = (at: number, sn: number): boolean => at >= x[0] && at <= x[1] && sn >= y[0] && sn <= y[1];
  const transmissions = history.transmissions.filter(({ at, sn }) => isShown(at, sn));
  const recovered = history.segments.filter((one) => one.recovered && isShown(one.arrivedAt ?? -1, one.sn));
  const underWay = history.segments.filter(({ sn }) => sn >= y[0] && sn <= y[1]);
  const delivered = run.deliveries.map(({ at }, i) => ({ at, sn: (i + 1) * run.fragments - 1 }));
  const detail = r > 3;
  const of = (reason: Reason): Transmission[] => transmissions.filter((one) => one.reason === reason);
  const line = { strokeWidth: detail ? 5 : Math.max(1.2, (0.8 * height) / (y[1] - y[0] + 1)), strokeOpacity: 0.9 };
  const svg = draw({
    height,
    x: { domain: [...x], label: 'ms →' },
    y: { domain: [y[0] - 0.5, y[1] + 0.5], label: '↑ segment (sn)', tickFormat: 'd' },
    marks: [
      Plot.link(underWay, {
        x1: ({ sentAt }: SegmentHistory) => Math.max(sentAt, x[0]),
        x2: ({ ackedAt = run.until }: SegmentHistory) => Math.min(Math.max(ackedAt, x[0]), x[1]),
        ...{ y1: 'sn', y2: 'sn', stroke: 'var(--acked)', ...(detail ? { strokeWidth: 4 } : line) },
      }),
      Plot.line(
        delivered.filter(({ at, sn }) => isShown(at, sn)),
        { x: 'at', y: 'sn', curve: 'step-after', stroke: 'var(--delivered)', strokeWidth: 1.3 },
      ),
      // Behind the sign of what was lost.
      signs(
        transmissions.filter(({ lost }) => lost),
        SIGNS.lost,
        r * 1.8,
        ({ sn, at }) => `segment ${sn}, ${at} ms: lost on the way`,
      ),
      ...(['sent', 'opener', 'early', 'fast', 'timeout'] as const).map((reason) =>
        signs(of(reason), SIGNS[reason], reason === 'sent' && !detail ? r * 0.6 : r, ({ sn, at, lost }) => {
          return `segment ${sn}, ${at} ms: ${SIGNS[reason].words}${lost ? ', and lost' : ''}`;
        }),
      ),
      signs(
        recovered.map(({ sn, arrivedAt = 0 }) => ({ sn, at: arrivedAt })),
        SIGNS.recovered,
        r * 1.35,
        ({ sn, at }) => `segment ${sn}, ${at} ms: rebuilt by FEC`,
      ),
    ],
  });
  const lines = [
    lineKey({ words: 'from sent until acknowledged', colour: 'var(--acked)' }, 5),
    lineKey({ words: 'delivered, in order', colour: 'var(--delivered)' }),
  ];
  const used = Object.entries(SIGNS).filter(([name]) => {
    if (name === 'lost') return transmissions.some(({ lost }) => lost);
    return name === 'recovered' ? recovered.length > 0 : of(name as Reason).length > 0;
  });
  return { svg, keys: [...used.map(([, sign]) => signKey(sign)), ...lines] };
}

function signs<T extends { sn: number; at: number }>(
  data: readonly T[],
  { colour, symbol, open }: Sign,
  r: number,
  title: (one: T) => string,
): Plot.Markish {
  const paint = open ? { stroke: colour, strokeWidth: Math.max(r / 3, 1.4) } : { fill: colour };
  return Plot.dot(data as T[], { x: 'at', y: 'sn', r, symbol, title, ...paint });
}

/** An entry of a legend. */
export interface Key {
  readonly icon: string;
  readonly words: string;
}

/** A diagram and its legend. */
export interface Figure {
  readonly svg: string;
  readonly keys: readonly Key[];
}

/** A sign alone, for legends. */
function signKey(sign: Sign): Key {
  const icon = signs([{ at: 0, sn: 0 }], sign, 4.5, () => sign.words);
  return { icon: drawIcon(18, icon), words: sign.words };
}

/** A line of a diagram. */
export interface Series {
  readonly words: string;
  readonly colour: string;
  readonly dash?: string;
}

/** A line alone, for legends. */
export function lineKey({ words, colour, dash = 'none' }: Series, strokeWidth = 2): Key {
  const icon = Plot.lineX([-1, 1], { x: [-1, 1], y: [0, 0], stroke: colour, strokeWidth, strokeDasharray: dash });
  return { icon: drawIcon(30, icon), words };
}

function drawIcon(width: number, mark: Plot.Markish): string {
  const domain = [-1, 1];
  return draw({ width, height: 18, margin: 0, axis: null, x: { domain }, y: { domain }, marks: [mark] });
}

/** What the sender may send, has under way, and has waiting. */
export function windows(run: Run): Figure {
  return overTime(run, { label: '↑ segments, square-root scale', type: 'sqrt' }, [
    { words: 'in flight', colour: 'var(--one)', of: ({ inFlight }) => inFlight },
    { words: 'remote window', colour: 'var(--two)', dash: '7 3', of: ({ remoteWindow }) => remoteWindow },
    { words: 'waiting to be sent', colour: 'var(--timeout)', dash: '2 3', of: ({ queued }) => queued },
    ...(run.setting.cwnd
      ? [{ words: 'cwnd', colour: 'var(--recovered)', dash: '10 3 2 3', of: ({ cwnd }: Sample) => cwnd }]
      : []),
  ]);
}

/** The round trip, and the timeout that is made of it. */
export function roundTrips(run: Run): Figure {
  const { rtt } = run.scenario;
  return overTime(run, { label: '↑ ms' }, [
    { words: 'RTO', colour: 'var(--two)', dash: '7 3', of: ({ rto }) => rto },
    { words: 'RTT, smoothed', colour: 'var(--one)', of: ({ srtt }) => srtt },
    { words: 'RTT of the network', colour: 'var(--sent)', dash: '2 4', of: () => rtt },
  ]);
}

function overTime(
  run: Run,
  y: Plot.ScaleOptions,
  series: readonly (Series & { of: (sample: Sample) => number })[],
): Figure {
  // A line goes on to the end.
  const samples = [...run.samples, ...run.samples.slice(-1).map((last) => ({ ...last, at: run.until }))];
  const svg = draw({
    height: 240,
    x: { domain: [0, run.until], label: 'ms →' },
    y: { ...y, grid: true, zero: true, nice: true },
    marks: series.map(({ colour, dash = 'none', of }) =>
      Plot.line(samples, {
        x: 'at',
        y: of,
        stroke: colour,
        strokeDasharray: dash,
        strokeWidth: 1.8,
        curve: 'step-after',
      }),
    ),
  });
  return { svg, keys: series.map((one) => lineKey(one)) };
}

/** One of two runs that are compared. */
const COMPARED = [
  { colour: 'var(--one)', dash: 'none', dy: 14 },
  { colour: 'var(--two)', dash: '7 3', dy: -12 },
] as const;

/**
 * How long messages took: up to each share of them, from left to right, what it took at most. Each 10, 100, 1000th part is given as
 * much room as all before it (as in HdrHistogram), for it is the slow ones that hurt.
 */
export function delays(runs: readonly Run[]): Figure {
  const place = (share: number): number => -Math.log10(1 - share);
  const lines = runs.map(({ deliveries }) => {
    const sorted = deliveries.map(({ delay }) => delay).sort((a, b) => a - b);
    return sorted.map((delay, i) => ({ delay, place: place(i / sorted.length) }));
  });
  const most = Math.max(...lines.map(({ length }) => length), 2);
  const ticks = [0, 0.5, 0.9, 0.99, 0.999, 0.9999].filter((share) => share <= 1 - 1 / most);
  const svg = draw({
    height: 320,
    x: {
      ...{ domain: [0, place(1 - 1 / most)], ticks: ticks.map(place), grid: true },
      ...{ label: 'share of messages →', tickFormat: (at: number) => `${+(100 * (1 - 10 ** -at)).toFixed(2)} %` },
    },
    y: { label: '↑ ms until delivered', grid: true, zero: true, nice: true },
    marks: runs.flatMap((run, i) => {
      const { colour, dash, dy } = COMPARED[i] ?? COMPARED[0];
      const marked = PERCENTILES.filter((each) => run.deliveries.length >= 100 / (100 - each)).map((each) => ({
        ...{ each, place: place(each / 100), delay: percentile(run, each) ?? 0 },
      }));
      return [
        Plot.line(lines[i] ?? [], {
          x: 'place',
          y: 'delay',
          stroke: colour,
          strokeDasharray: dash,
          strokeWidth: 2,
          curve: 'step-after',
        }),
        Plot.dot(marked, { x: 'place', y: 'delay', r: 4, fill: colour }),
        Plot.text(marked, {
          ...{ x: 'place', y: 'delay', text: ({ each, delay }) => `p${each} ${Math.round(delay)}` },
          ...{ fill: colour, stroke: 'var(--paper)', strokeWidth: 4, dy, fontWeight: 600 },
        }),
      ];
    }),
  });
  return {
    svg,
    keys: runs.map((run, i) => lineKey({ words: settingName(run.setting), ...(COMPARED[i] ?? COMPARED[0]) })),
  };
}

/** A diagram of the width of the page. */
export function draw(options: Plot.PlotOptions): string {
  // Plot asks for a browser's document; linkedom's does.
  const plot = Plot.plot({
    width: WIDTH,
    ...(options.margin === undefined ? MARGINS : {}),
    ...options,
    document: document as never,
  });
  return (plot as { outerHTML: string }).outerHTML;
}
