// From the figures of single runs to medians and ratios.

import { OURS, type Sample, type Subject } from './work.ts';

/** The runs of one subject, in one unit. */
export interface Result {
  readonly work: string;
  readonly subject: Subject;
  /** Median. */
  readonly value: number;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** Ours divided by the peer's, in one unit. */
export interface Ratio {
  readonly work: string;
  readonly ratio: number;
  readonly against: Subject;
  readonly unit: string;
}

/** @param runs of one subject; all have the same units. */
export function resultsOf(work: string, subject: Subject, runs: readonly (readonly Sample[])[]): Result[] {
  return (runs[0] ?? []).map(({ unit }, index) => {
    const values = runs.map((samples) => (samples[index] as Sample).value).sort((a, b) => a - b);
    return {
      work,
      subject,
      value: medianOf(values),
      unit,
      min: values[0] as number,
      max: values[values.length - 1] as number,
      runs: values.length,
    };
  });
}

/** Where there is nothing to divide by, there is none. */
export function ratiosOf(results: readonly Result[]): Ratio[] {
  return results
    .filter(({ subject, value }) => subject !== OURS && value !== 0)
    .flatMap(({ work, subject, value, unit }) =>
      results
        .filter((ours) => ours.subject === OURS && ours.work === work && ours.unit === unit)
        .map((ours) => ({ work, ratio: ours.value / value, against: subject, unit })),
    );
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}
