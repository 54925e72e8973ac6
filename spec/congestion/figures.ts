// Arithmetic of what is measured.

/** The value that a share of `sorted` is at or below; 0 for none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? 0;
}

/** Jain's fairness index: 1 if all rates are the same, 1 / n if one has everything. */
export function jain(rates: readonly number[]): number {
  const sum = rates.reduce((total, rate) => total + rate, 0);
  const squares = rates.reduce((total, rate) => total + rate * rate, 0);
  return squares === 0 ? 0 : (sum * sum) / (rates.length * squares);
}
