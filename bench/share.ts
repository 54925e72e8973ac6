// Percentiles.

/** The smallest of sorted values that at least this share of all do not exceed. */
export function share(sorted: readonly number[], part: number): number {
  return sorted[Math.max(Math.ceil(sorted.length * part) - 1, 0)] ?? Number.NaN;
}
