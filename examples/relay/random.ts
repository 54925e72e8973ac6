// Random numbers that are the same in every run: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state.

/** A generator of numbers from 0 to 1, exclusive of 1. The same seeds give the same numbers; other seeds, unrelated ones. */
export function seededRandom(...seeds: [number, number?, number?]): () => number {
  let [a, b, c] = [seeds[0] | 0, (seeds[1] ?? 0) | 0, (seeds[2] ?? 0) | 0];
  let counter = 1;
  const next = (): number => {
    const result = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return (result >>> 0) / 2 ** 32;
  };
  // Neighbouring seeds start out alike; PractRand's author asks for 12 to 15 rounds until nothing is left of that.
  for (let round = 0; round < 15; round++) next();
  return next;
}
