// kcp-go over networks that lose 1 … 30 % each way.

import { MODES, type ModeName } from 'rxkcp';
import { test } from 'vitest';
import { badNetwork, through } from './support/bad-network.ts';
import { type Conversation, expectIntact, goToOurs, oursToGo } from './support/conversations.ts';
import { printFigures } from './support/figures.ts';
import { kcpGo } from './support/go-build.ts';
import { describeWith } from './support/peer-presence.ts';

const MIB = 1024 * 1024;
const losses = [0.01, 0.1, 0.2, 0.3];
const modes = Object.keys(MODES) as ModeName[];

interface LossyConversation extends Conversation {
  /** Share lost each way. */
  readonly loss: number;
}

const large = losses.map((loss, row): LossyConversation => {
  return { loss, work: 'echo', mode: 'fast3', window: 1024, mtu: 1400, bytes: 16 * MIB, seed: 500 + row };
});

const matrix = losses.flatMap((loss, row) =>
  modes.map((mode, column): LossyConversation => {
    const window = [32, 128, 1024][(row + column) % 3] as number;
    const mtu = [576, 1400, 1472][column % 3] as number;
    return { loss, work: 'echo', mode, window, mtu, bytes: window * 4096, seed: 600 + 10 * row + column };
  }),
);

const conversations = [...large, ...matrix];

for (const [direction, converse] of [
  ['our client and a kcp-go server', oursToGo],
  ['a kcp-go client and our server', goToOurs],
] as const) {
  describeWith(kcpGo, `${direction}, on a bad network`, () => {
    const note = printFigures(direction);

    for (const conversation of conversations) {
      const { mode, window, mtu, bytes, loss, seed } = conversation;
      const title = `${mode}, window ${window}, MTU ${mtu}, ${100 * loss} % lost each way, seed ${seed}`;
      // What waits for the network can wait together.
      test.concurrent(`move ${bytes / 1024} KiB intact there and back: ${title}`, async ({ onTestFinished }) => {
        const route = through(badNetwork(loss, seed));
        const outcome = await converse({ ...conversation, route }, onTestFinished);
        expectIntact(outcome, conversation);
        note(title, conversation, outcome);
      });
    }
  });
}
