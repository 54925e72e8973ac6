// What a benchmark is: a named work that several subjects can do, and what one run of it tells.

import type { Bench } from './bench.ts';

/**
 * Who does the work: this library, the same over node:dgram, or a peer it is compared with: another KCP, UDX (`udx-native`), the
 * system's TCP (`node:net`), or bare datagrams (`node:dgram`). Of error correction, there is also an npm package for it
 * (`@digitaldefiance/reed-solomon-erasure.wasm`), and this library without its SIMD kernel.
 */
export type Subject =
  | 'rxkcp'
  | 'rxkcp-dgram'
  | 'kcp-go'
  | 'node-kcp'
  | 'udx-native'
  | 'node:dgram'
  | 'node:net'
  | 'erasure.wasm'
  | 'portable';

/** Ourselves; all others are compared with it. */
export const OURS = 'rxkcp' satisfies Subject;

/** One figure of one run. */
export interface Sample {
  readonly unit: string;
  readonly value: number;
}

export interface Work {
  readonly name: string;
  /** Who can do it; they take turns. */
  readonly subjects: readonly Subject[];
  /** Runs of each unless told otherwise, where the usual number takes too long. */
  readonly runs?: number;
  /** Most runs that make sense, for works that are long enough to be their own average. */
  readonly runsMax?: number;
  /**
   * One run of one subject: the same units in the same order each time, the most telling first.
   * @param turn which run it is, from 1 on: for chance that is the same for all subjects, and another in the next run.
   */
  run(subject: Subject, bench: Bench, turn: number): Promise<readonly Sample[]>;
}
