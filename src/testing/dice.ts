// Chance that is the same in every run: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state, all of it integers,
// so that every engine throws the same.

import type { RandomSource } from '../bytes/random.ts';

/** Draws a number in [0, 1). */
export type Dice = () => number;

/** Dice from three 32-bit numbers: the same numbers, the same draws; others, unrelated ones. */
export function makeDice(seed: number, stream = 0, direction = 0): Dice {
  let a = seed | 0;
  let b = stream | 0;
  let c = direction | 0;
  let counter = 1;
  const draw = (): number => {
    const result = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return (result >>> 0) / 2 ** 32;
  };
  // Neighbouring seeds start out alike; PractRand's author asks for 12 to 15 rounds until nothing is left of that.
  for (let round = 0; round < 15; round++) draw();
  return draw;
}

/**
 * Seeded bytes where a session or a cipher would take the system's: for `random` of sessions and ciphers in runs that
 * are to be repeated. **For tests only:** who knows the seed knows every byte.
 *
 * @param seed any 32-bit integer.
 */
export function seededRandom(seed: number): RandomSource {
  const draw = makeDice(seed, BYTES_STREAM);
  return (target) => {
    for (let i = 0; i < target.length; i++) target[i] = draw() * 256;
  };
}

const BYTES_STREAM = 0x62797465;
