// Rings that are not in use. A transfer fills and empties its rings dozens of times per second, and would allocate them each
// time. A silent conversation must keep no memory. So the process keeps a few rings for all conversations.

/** Things by number: each stands at its number modulo the count of places, a power of two. */
export type Ring<T> = (T | undefined)[];

/** Places of the largest ring that is worth keeping. */
const PLACES_MAX = 4096;
const RINGS_MAX = 4;

/** Puts `ring`, whatever its places hold, with those that are kept, if there is room. Returns one without places for it. */
export function keepSpare<T>(kept: T[][], ring: T[]): T[] {
  if (ring.length <= PLACES_MAX && kept.length < RINGS_MAX) kept.push(ring);
  return [];
}
