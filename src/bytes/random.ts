// Randomness, injectable: a run with a seeded source is a pure function of its inputs.

import { readInt32 } from './int.ts';

/** Fills `target` with random bytes. */
export type RandomSource = (target: Uint8Array) => void;

/** The system's generator. */
export const systemRandom: RandomSource = (target) => {
  globalThis.crypto.getRandomValues(target);
};

/** Any 32 bits: a conversation id, as kcp-go's dialler draws one, or the offset of a clock. */
export function random32(random: RandomSource): number {
  const bytes = new Uint8Array(4);
  random(bytes);
  return readInt32(bytes, 0) >>> 0;
}
