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
