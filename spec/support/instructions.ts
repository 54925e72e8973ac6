// Sets of instructions that the build of the addon for specs can be limited to (native/faults).

/** What `limit` takes: 0 is none of those that are asked for at run time. */
export const LEVELS = [
  ['byte by byte', 0],
  ['with vectors of 16 bytes', 1],
  ['with AVX2', 2],
  ['with GFNI and AVX2', 3],
  ['with AVX-512', 4],
] as const;
