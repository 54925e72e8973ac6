// What happens when the rate of the line changes.

import type { ScenarioResult } from './types.ts';

/** A line that drops and comes back. Times in ms, rates in bytes per second. */
export interface Turns {
  readonly down: number;
  readonly up: number;
  readonly rtt: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Round trips until the queue is below 1 BDP of the new rate, counted from when the line could have carried what was in flight as it
 * dropped: a full path of the old rate, and the queue. Infinity if that does not happen before the line comes back.
 */
export function drained({ line, interval }: ScenarioResult, { down, up, rtt, before, after }: Turns): number {
  const first = Math.round(down / interval);
  const inFlight = (before * rtt) / 1000 + (line.queues[first - 1] ?? 0);
  const most = (after * rtt) / 1000;
  for (let i = first + Math.ceil(rtt / interval); i < up / interval; i++) {
    if ((line.queues[i] ?? 0) > most) continue;
    return Math.max(((i + 1) * interval - down - (1000 * inFlight) / after) / rtt, 0);
  }
  return Infinity;
}

/** Round trips until the line carries 80 % of what it can again, over a round trip. Infinity if that does not happen. */
export function recovered({ line, interval }: ScenarioResult, { up, rtt, before }: Turns): number {
  const span = Math.round(rtt / interval);
  for (let i = Math.round(up / interval) + span; i <= line.carried.length; i++) {
    const rate = line.carried.slice(i - span, i).reduce((sum, each) => sum + each, 0) / span;
    if (rate >= 0.8 * before) return (i * interval - up) / rtt;
  }
  return Infinity;
}
