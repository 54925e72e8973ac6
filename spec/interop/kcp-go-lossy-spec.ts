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

for (const [direction, converse] of [
  ['our client and a kcp-go server', oursToGo],
  ['a kcp-go client and our server', goToOurs],
] as const) {
  describeWith(kcpGo, `${direction}, on a bad network`, () => {
    const note = printFigures();

    const check = (title: string, run: typeof test, conversation: Conversation, loss: number): void => {
      const { seed } = conversation;
      const percent = `${loss * 100} % lost each way (seed ${seed})`;
      run(`${title} at ${percent}`, { timeout: 60_000 }, async ({ onTestFinished }) => {
        const route = through(badNetwork(loss, seed));
        const outcome = await converse({ ...conversation, route }, onTestFinished);
        expectIntact(outcome, conversation);
        note(`${direction}, ${title}, ${percent}`, conversation, outcome);
      });
    };

    losses.forEach((loss, row) => {
      const large: Conversation = {
        work: 'echo',
        mode: 'fast3',
        window: 1024,
        mtu: 1400,
        bytes: 16 * MIB,
        seed: 500 + row,
      };
      check('move 16 MiB intact each way', test, large, loss);
    });

    losses.forEach((loss, row) => {
      modes.forEach((mode, column) => {
        const window = [32, 128, 1024][(row + column) % 3] as number;
        const mtu = [576, 1400, 1500][column % 3] as number;
        const small: Conversation = {
          work: 'echo',
          mode,
          window,
          mtu,
          bytes: (128 * MIB) / 1024,
          seed: 600 + 10 * row + column,
        };
        check(`move everything intact in mode ${mode}, window ${window}, MTU ${mtu},`, test.concurrent, small, loss);
      });
    });
  });
}
