// 64 MiB there and back while 30 % is lost each way.

import { firstValueFrom } from 'rxjs';
import { describe, test, vi } from 'vitest';
import { badNetwork, through } from './support/bad-network.ts';
import type { Cleanup } from './support/cleanup.ts';
import { type Conversation, expectIntact, goToOurs, type Outcome, oursToGo } from './support/conversations.ts';
import { printFigures } from './support/figures.ts';
import { kcpGo } from './support/go-build.ts';
import { dial, startOurServer } from './support/our-ends.ts';
import { describeWith } from './support/peer-presence.ts';
import { ourOptions } from './support/settings.ts';
import { workAsClient, workAsServer } from './support/works.ts';

vi.setConfig({ testTimeout: 180_000 });

const SEED = 64;
const route = through(badNetwork(0.3, SEED));
const conversation: Conversation = {
  work: 'echo',
  mode: 'fast3',
  window: 1024,
  mtu: 1400,
  bytes: 1 << 26,
  seed: SEED,
  route,
};

async function oursToOurs(cleanup: Cleanup): Promise<Outcome> {
  const server = await startOurServer(ourOptions(conversation), cleanup);
  const serving = firstValueFrom(server.sessions).then((session) => workAsServer(session, 'echo', conversation));
  const session = await dial(await route(server.port, cleanup), ourOptions(conversation), cleanup);
  const [client, served] = await Promise.all([workAsClient(session, 'echo', conversation), serving]);
  return { client, server: served };
}

type Note = ReturnType<typeof printFigures>;

/** Concurrent: a single conversation leaves most of the machine idle. */
function check(ends: string, note: Note, converse: (cleanup: Cleanup) => Promise<Outcome>): void {
  test.concurrent(`64 MiB arrive intact, and back: ${ends}, seed ${SEED}`, async ({ onTestFinished }) => {
    const outcome = await converse(onTestFinished);
    expectIntact(outcome, conversation);
    note(`${ends}, seed ${SEED}`, conversation, outcome);
  });
}

describeWith(kcpGo, 'at 30 % lost each way, to and from kcp-go', () => {
  const note = printFigures('30 % lost each way, to and from kcp-go');
  check('our client', note, (cleanup) => oursToGo(conversation, cleanup));
  check('our server', note, (cleanup) => goToOurs(conversation, cleanup));
});

describe('at 30 % lost each way, among ourselves', () => {
  const note = printFigures('30 % lost each way, among ourselves');
  check('our client and our server', note, oursToOurs);
});
