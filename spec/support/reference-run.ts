// One conversation over a network with everything that networks do, and the hash of its transcript. It has to be the
// same on every machine, with every version of Node, and with either scheduler.

import { none } from 'rxkcp';
import { type Pair, type PairOptions, seededRandom } from 'rxkcp/testing';
import { bytes, integer, seeded } from './random.ts';

/** Of the transcript of `conversation(pair(referencePair()))`. Changes when the protocol does; say so in the changelog. */
export const HASH = 'dcb073ce1e63654f';

/** A network with everything that networks do. */
export function referencePair(): PairOptions {
  return {
    seed: 7,
    network: {
      loss: 0.05,
      burstLoss: { enter: 0.01, leave: 0.3 },
      corrupt: 0.01,
      duplicate: 0.02,
      rate: { bytesPerSecond: 200_000, queueBytes: 30_000 },
      delay: 30,
      jitter: 10,
      reorder: 0.02,
      blackouts: [{ at: 1000, duration: 300 }],
    },
    // Its checksum is what tells the corrupted ones.
    options: { mode: 'fast3', cipher: none(new Uint8Array(32), { random: seededRandom(9) }) },
  };
}

/** Half a MiB to the right, less to the left, in messages of many lengths; until all has arrived. */
export function conversation(ends: Pair): Pair {
  const random = seeded(5);
  const { left, right, run, scheduler } = ends;
  for (let i = 0; i < 60; i++) {
    left.send(bytes(random, integer(random, 1, 6000)));
    if (i % 3 === 0) right.send(bytes(random, integer(random, 1, 3000)));
    run(scheduler.now() + integer(random, 0, 60));
  }
  run();
  return ends;
}
