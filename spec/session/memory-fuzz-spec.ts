// Whose memory is whose, in runs drawn at random: whatever the ends and the network do with what they have, every message arrives as it
// was sent, once and in order, and stays as it is for whoever keeps it.
//
// RXKCP_FUZZ_RUNS=2000 makes more runs over each link, RXKCP_FUZZ_SEED=17 that one alone; RXKCP_FUZZ_FROM is the first seed (1).

import { config } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LinkName } from '../support/memory-fuzz/plan.ts';
import { run } from '../support/memory-fuzz/run.ts';
import { describeNative } from '../support/native.ts';

/** More runs than a few seconds' worth take as long as they take. */
const TIMEOUT = 6 * 60 * 60 * 1000;

const unhandled: unknown[] = [];

beforeAll(() => {
  config.onUnhandledError = (error) => unhandled.push(error);
});
afterAll(() => {
  config.onUnhandledError = null;
});

function seedsOf(count: number): number[] {
  const { RXKCP_FUZZ_SEED: seed, RXKCP_FUZZ_RUNS: runs = count, RXKCP_FUZZ_FROM: from = 1 } = process.env;
  if (seed !== undefined) return [Number(seed)];
  return Array.from({ length: Number(runs) }, (_, i) => Number(from) + i);
}

function fuzz(link: LinkName, count: number): void {
  test(
    `over ${link}: a message is the reader's alone, and arrives as it was sent`,
    async () => {
      await run(link, seedsOf(count));
      expect(unhandled).toEqual([]);
    },
    TIMEOUT,
  );
}

describe('memory', () => {
  fuzz('memory pair', 12);
  fuzz('memory hub', 12);
  fuzz('message port', 8);
  fuzz('own dgram', 8);
  fuzz('lent dgram', 8);
});

describeNative('memory, by the native link', () => {
  fuzz('native', 8);
});
