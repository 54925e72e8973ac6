// Forward error correction against kcp-go: either end repairs what the other's groups lost, whatever their shapes are, and
// no datagram is longer than the MTU.

import type { FecShape } from 'rxkcp';
import { expect, test } from 'vitest';
import { badNetwork, through } from './support/bad-network.ts';
import type { Cleanup } from './support/cleanup.ts';
import { type Conversation, type CountedOutcome, expectIntact, goToOurs, oursToGo } from './support/conversations.ts';
import { encryption } from './support/encryption.ts';
import { kcpGo } from './support/go-build.ts';
import { describeWith } from './support/peer-presence.ts';
import { type Settings, shapeName } from './support/settings.ts';
import { Wiretap } from './support/wiretap.ts';

const KIB = 1024;
const settings = { mode: 'fast3', window: 128, mtu: 1400, work: 'echo' } as const;
const seals = [undefined, 'salsa20', 'aes-256-gcm'] as const;

const shapes: readonly FecShape[] = [
  { data: 10, parity: 3 },
  { data: 3, parity: 1 },
  { data: 2, parity: 2 },
  { data: 70, parity: 30 },
  { data: 1, parity: 1 },
];
const [tenThree, threeOne] = shapes as [FecShape, FecShape];

interface Case extends Conversation {
  /** Share lost each way. */
  readonly loss: number;
  readonly title: string;
}

function conversation(
  name: string,
  fec: NonNullable<Settings['fec']>,
  loss: number,
  seed: number,
  bytes: number,
): Case {
  const seal = seals[seed % seals.length];
  const sealed = seal === undefined ? {} : { encryption: encryption(seal, seed) };
  const title = `${name}, ${seal ?? 'bare'}, ${100 * loss} % lost each way, seed ${seed}`;
  return { ...settings, ...sealed, fec, bytes, seed, loss, title };
}

interface Watched {
  readonly outcome: CountedOutcome;
  /** Bytes of the longest datagram of each end, before the network did anything to it. */
  readonly longest: Readonly<Record<'client' | 'server', number>>;
}

async function converseOver(converse: typeof oursToGo, each: Case, cleanup: Cleanup): Promise<Watched> {
  const { loss, seed } = each;
  let wiretap: Wiretap | undefined;
  const route = async (port: number): Promise<number> => {
    const network = loss === 0 ? port : await through(badNetwork(loss, seed))(port, cleanup);
    wiretap = await Wiretap.open(network, cleanup);
    return wiretap.port;
  };
  const outcome = await converse({ ...each, route }, cleanup);
  return { outcome, longest: { client: wiretap?.longestFromClient ?? 0, server: wiretap?.longestFromServer ?? 0 } };
}

const sameShapes = shapes.flatMap((shape, row) =>
  [0, 0.05, 0.15, 0.3].map((loss, column) => {
    // A dozen groups of them at least.
    const bytes = Math.max(256 * KIB, 12 * shape.data * settings.mtu);
    return conversation(shapeName(shape), { ours: shape, theirs: shape }, loss, 2000 + 10 * row + column, bytes);
  }),
);

/** Time enough to find out a shape. */
const LONG = 1024 * KIB;

/**
 * kcp-go's decoder is told a wrong shape, and finds out; ours is told the right one, or none. Not every wrong shape would do: see
 * deviations/fec.md on changes of shape.
 */
const differentShapes = [0, 0.05, 0.15].flatMap((loss, row) => {
  const [told, untold] = [{ encode: threeOne, decode: tenThree }, { encode: threeOne }];
  return [
    conversation('we 3/1, they 10/3', { ours: told, theirs: tenThree }, loss, 2100 + row, LONG),
    conversation('we 3/1, they 10/3, to be found out', { ours: untold, theirs: tenThree }, loss, 2110 + row, LONG),
  ];
});

const oneSided = [0.05, 0.15].flatMap((loss, row) => [
  conversation('only they, 10/3', { theirs: tenThree }, loss, 2200 + row, LONG),
  conversation('only they, 3/1', { theirs: threeOne }, loss, 2210 + row, LONG),
  conversation('only we, 10/3', { ours: tenThree }, loss, 2220 + row, LONG),
]);

for (const [direction, converse, [us, them]] of [
  ['our client and a kcp-go server', oursToGo, ['client', 'server']],
  ['a kcp-go client and our server', goToOurs, ['server', 'client']],
] as const) {
  describeWith(kcpGo, `with FEC, ${direction}`, () => {
    for (const each of [...sameShapes, ...differentShapes, ...oneSided]) {
      test.concurrent(`understand each other, and repair: ${each.title}`, async ({ onTestFinished }) => {
        const { outcome, longest } = await converseOver(converse, each, onTestFinished);
        expectIntact(outcome, each);
        const { ours, theirs } = outcome;
        for (const [receiver, shape, sent, received] of [
          ['kcp-go', each.fec?.ours, longest[us], theirs],
          ['we', each.fec?.theirs, longest[them], ours],
        ] as const) {
          expect(received.FECErrs, `FECErrs, ${receiver}`).toBe(0);
          // (With all counters: sessions that nobody of this test has opened would tell of a stranger on a port used before.)
          expect(received.KCPInErrors, `KCPInErrors, ${receiver}: ${JSON.stringify(received)}`).toBe(0);
          if (shape === undefined) {
            expect(sent).toBeLessThanOrEqual(each.mtu);
            expect([received.FECParityShards, received.FECRecovered]).toEqual([0, 0]);
          } else {
            expect(sent).toBe(each.mtu);
            expect(received.FECParityShards).toBeGreaterThan(0);
            // With as much parity as data kcp-go counts packets, too, that were not lost.
            if (each.loss > 0) expect(received.FECRecovered).toBeGreaterThan(0);
          }
        }
      });
    }
  });
}
