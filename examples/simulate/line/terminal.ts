// Curves over time, for a terminal.

import { blue, type Color, cyan, green, lightgray, magenta, plot, red, reset, yellow } from 'asciichart';

/** One curve, a point for each step of time. NaN is a gap, which a terminal shows as 0. */
export interface Curve {
  readonly name: string;
  readonly values: readonly number[];
}

const COLORS: readonly Color[] = [blue, red, green, yellow, magenta, cyan];
const HEIGHT = 10;
/** Columns of the scale on the left. */
const SCALE = 12;

/**
 * Draws curves, from 0 at the bottom.
 *
 * @param seconds time that the curves take.
 * @param columns width of all of it.
 */
export function chart(title: string, curves: readonly Curve[], seconds: number, columns: number): string {
  const width = Math.max(columns - SCALE, 10);
  const values = curves.map((curve) => resampled(curve.values, width));
  const max = Math.max(...values.flat(), 1e-9);
  const colors = curves.map((_, i) => COLORS[i % COLORS.length] ?? lightgray);
  const format = (value: number): string => value.toFixed(max < 10 ? 2 : 0).padStart(SCALE - 4);
  const legend = curves.map(({ name }, i) => `${colors[i]}━ ${name}${reset}`).join('  ');
  const axis = `${' '.repeat(SCALE - 2)}0 s${`${seconds} s`.padStart(width - 3)}`;
  return `${title}  ${legend}\n${plot(values, { height: HEIGHT, min: 0, max, colors, format })}\n${axis}`;
}

/** `width` values, each the mean of those that fall to it. */
function resampled(values: readonly number[], width: number): number[] {
  return Array.from({ length: width }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / width), Math.ceil(((i + 1) * values.length) / width));
    const known = part.filter((value) => !Number.isNaN(value));
    return known.reduce((sum, value) => sum + value, 0) / Math.max(known.length, 1);
  });
}
