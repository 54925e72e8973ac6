// Whether memory grows: a straight line through the samples, and the medians of their first and last quarter.

export interface Point {
  /** ms. */
  readonly at: number;
  /** Bytes. */
  readonly value: number;
}

/** What is growth: more than this share of what there was, and more than so many bytes. */
export interface GrowthBounds {
  readonly share: number;
  readonly bytes: number;
}

export interface Growth {
  /** Median of the first quarter, and of the last. */
  readonly first: number;
  readonly last: number;
  /** What the line of least squares rises by from the first sample to the last. */
  readonly fitted: number;
  /** Both say so, the medians and the line: one of them alone is what a single step, or a peak, looks like. */
  readonly grows: boolean;
}

/** Samples that say something. */
export const POINTS_MIN = 8;

/** Undefined where there are too few points. */
export function growthOf(points: readonly Point[], bounds: GrowthBounds): Growth | undefined {
  if (points.length < POINTS_MIN) return undefined;
  const quarter = Math.floor(points.length / 4);
  const first = median(points.slice(0, quarter));
  const last = median(points.slice(-quarter));
  const fitted = rise(points);
  const bound = Math.max(bounds.share * first, bounds.bytes);
  return { first, last, fitted, grows: last - first > bound && fitted > bound };
}

function rise(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const at = mean((point) => point.at);
  const value = mean((point) => point.value);
  const slope = mean((point) => (point.at - at) * (point.value - value)) / mean((point) => (point.at - at) ** 2);
  return slope * ((points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0));
}

function median(points: readonly Point[]): number {
  const sorted = points.map(({ value }) => value).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
