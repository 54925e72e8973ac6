// Seeded randomness for specs: the same seed, the same run. A failing spec prints its seed; RXKCP_SEED takes it back.

/** A generator of numbers in [0, 1) from a 32-bit seed (a splitmix of 32 bits). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Seeds `count` runs with consecutive numbers, or one run with RXKCP_SEED. */
export function seeds(count: number): number[] {
  const given = process.env.RXKCP_SEED;
  return given === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(given)];
}

export function integer(random: () => number, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

export function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

/** Bytes that differ from one another and from other calls' bytes. */
export function bytes(random: () => number, length: number): Uint8Array {
  const drawn = new Uint8Array(length);
  for (let i = 0; i < length; i++) drawn[i] = Math.floor(random() * 256);
  return drawn;
}
