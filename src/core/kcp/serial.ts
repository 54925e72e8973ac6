// Arithmetic on 32-bit serial numbers (sn, una, ts): RFC 1982 without the undefined half.
//
// Everything in this folder keeps serial numbers and clock readings as *signed* 32-bit integers: V8 stores
// those as small integers, while an unsigned one above 2^31 would be boxed. Only what a user sees is unsigned.

/** `later − earlier` modulo 2^32, as a signed number: positive when `later` comes after `earlier`. */
export function serialDiff(later: number, earlier: number): number {
  return (later - earlier) | 0;
}

/** A clock reading in ms (any finite number) as the int32 the protocol compares and sends. */
export function toClock(milliseconds: number): number {
  return Math.floor(milliseconds) | 0;
}

/** Whether the time `at` is reached at `now`; undefined never is. */
export function isReached(now: number, at: number | undefined): boolean {
  return at !== undefined && serialDiff(now, at) >= 0;
}

/** The earlier of two clock readings; undefined is later than any. */
export function earliest(a: number, b: number | undefined): number;
export function earliest(a: number | undefined, b: number | undefined): number | undefined;
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return serialDiff(a, b) <= 0 ? a : b;
}

/** The later of two clock readings, or serial numbers; undefined is earlier than any. */
export function latest(a: number, b: number | undefined): number {
  return b === undefined || serialDiff(a, b) >= 0 ? a : b;
}
