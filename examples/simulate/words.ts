// A simulation in words and figures.

import type { Run, Scenario } from './run.ts';
import { settingName } from './setting.ts';

/** What a simulation shows. */
export interface Shown {
  /** For the terminal. */
  readonly lines: readonly string[];
  /** Where the page goes, if there is to be one. */
  readonly file: string | undefined;
  readonly html: () => string;
}

/** Percentiles that are told. */
export const PERCENTILES = [50, 90, 99] as const;

/** ms that so many of 100 messages took at most; undefined where none has arrived. */
export function percentile({ deliveries }: Run, share: number): number | undefined {
  const sorted = deliveries.map(({ delay }) => delay).sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * share) / 100) - 1];
}

export function ms(value: number | undefined): string {
  return value === undefined ? '–' : `${Math.round(value)} ms`;
}

/** `20 % lost each way, round trip 100 ms`. */
export function networkInWords({ loss, burst, rtt, jitter }: Scenario): string {
  const bursts = burst > 1 && loss > 0 ? ` in bursts of ${burst}` : '';
  const round = jitter > 0 ? `${rtt} ± ${2 * jitter}` : `${rtt}`;
  return `${+(100 * loss).toFixed(2)} % lost each way${bursts}, round trip ${round} ms`;
}

export function scenarioInWords(scenario: Scenario): string {
  const { length, rate, size, seed } = scenario;
  const sending = `${rate} messages of ${size} bytes a second for ${length / 1000} s, one way`;
  return `A network with ${networkInWords(scenario)}. ${sending}. Seed ${seed}.`;
}

/** `fast3, FEC 10/3: p50 51 ms, p90 150 ms, p99 369 ms`. */
export function runInWords(run: Run): string {
  const delays = PERCENTILES.map((share) => `p${share} ${ms(percentile(run, share))}`).join(', ');
  return `${settingName(run.setting)}: ${run.deliveries.length} of ${run.sent} messages, ${delays}${run.failure ? `; ${run.failure}` : ''}`;
}
