// Every preset, window and packet size against kcp-go, on a network that loses nothing.

import { MODES, type ModeName } from 'rxkcp';
import { test } from 'vitest';
import { type Conversation, expectIntact, goToOurs, oursToGo } from './support/conversations.ts';
import { printFigures } from './support/figures.ts';
import { kcpGo } from './support/go-build.ts';
import { describeWith } from './support/peer-presence.ts';
import type { Settings } from './support/settings.ts';
import type { Work } from './support/works.ts';

const MIB = 1024 * 1024;
const modes = Object.keys(MODES) as ModeName[];
const works: readonly Work[] = ['echo', 'source', 'sink'];

const large = modes.flatMap((mode, row) =>
  works.map((work, column): Conversation => {
    return { work, mode, window: 1024, mtu: 1400, bytes: 16 * MIB, seed: 10 * row + column };
  }),
);

const matrix = modes.flatMap((mode, row) =>
  [32, 128, 1024].flatMap((window, column) =>
    [576, 1400, 1472].map((mtu, layer): Conversation => {
      const settings = { mode, window, mtu };
      // Latin squares: each work meets each pair of settings.
      const work = works[(row + column + layer) % works.length] as Work;
      return { ...settings, work, bytes: paced(settings), seed: 100 * row + 10 * column + layer };
    }),
  ),
);

/** A window a flush is the pace of small windows: as much as takes half a second at that pace. */
function paced({ mode, window, mtu }: Settings): number {
  return Math.min(Math.floor((window * mtu * 500) / MODES[mode].interval), 16 * MIB);
}

for (const [direction, converse] of [
  ['our client and a kcp-go server', oursToGo],
  ['a kcp-go client and our server', goToOurs],
] as const) {
  describeWith(kcpGo, `${direction}, on a clean network`, () => {
    const note = printFigures(direction);

    for (const conversation of large) {
      const { work, mode } = conversation;
      test(`move 16 MiB intact: ${work}, ${mode}`, async ({ onTestFinished }) => {
        const outcome = await converse(conversation, onTestFinished);
        expectIntact(outcome, conversation);
        note(mode, conversation, outcome);
      });
    }

    test('longer datagrams than we may send are received: kcp-go has an MTU of 1500', async ({ onTestFinished }) => {
      const work = direction.startsWith('our') ? 'sink' : 'source';
      const conversation = {
        mode: 'fast3',
        window: 128,
        mtu: 1472,
        theirMtu: 1500,
        work,
        bytes: MIB,
        seed: 900,
      } as const;
      expectIntact(await converse(conversation, onTestFinished), conversation);
    });

    for (const conversation of matrix) {
      const { work, mode, window, mtu } = conversation;
      const title = `${mode}, window ${window}, MTU ${mtu}`;
      // What waits for flushes can wait together; large windows take all the machine has.
      const run = window < 1024 ? test.concurrent : test;
      run(`understand each other: ${work}, ${title}`, async ({ onTestFinished }) => {
        const outcome = await converse(conversation, onTestFinished);
        expectIntact(outcome, conversation);
        note(title, conversation, outcome);
      });
    }
  });
}
