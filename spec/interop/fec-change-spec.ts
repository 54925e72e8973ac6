// Groups that change their shape while a conversation goes on: the receiver finds out, repairs again, and delivers no
// wrong byte meanwhile. Ours does: kcp-go's may not (peers/go/cmd/peer/retune_test.go).

import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import type { FecShape, Session } from 'rxkcp';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { badNetwork, type Impairments, through } from './support/bad-network.ts';
import type { Cleanup } from './support/cleanup.ts';
import { expectIntact } from './support/conversations.ts';
import { kcpGo } from './support/go-build.ts';
import { type GoPeer, startGoClient, startGoServer } from './support/go-peer.ts';
import { dial, startOurServer } from './support/our-ends.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions, type Settings } from './support/settings.ts';
import { workAsClient, workAsServer } from './support/works.ts';

// Of any 13 packets of the second shape at most 9 fit the first: nothing of it can be rebuilt with the wrong matrix, whatever is lost.
const first: FecShape = { data: 10, parity: 3 };
const second: FecShape = { data: 3, parity: 1 };

/** It takes some seconds, each way. */
const conversation = { work: 'echo', mode: 'fast3', window: 32, mtu: 1400, bytes: 2 << 20, seed: 2500 } as const;
const load = ['-bytes', `${conversation.bytes}`, '-seed', `${conversation.seed}`, '-work', 'echo', '-idle-report'];

const lossy = badNetwork(0.15, conversation.seed);
const lossless: Impairments = { delay: 15, jitter: 5, seed: conversation.seed };
/** ms in which all that was sent has arrived. */
const PASSAGE = 100;

interface Ends {
  readonly session: Session;
  readonly peer: GoPeer;
  readonly isClient: boolean;
}

type Meeting = (settings: Settings, network: Impairments, cleanup: Cleanup) => Promise<Ends>;

const weDial: Meeting = async (settings, network, cleanup) => {
  const { peer, port } = await startGoServer([...goFlags(settings), ...load], cleanup);
  const route = await through(network)(port, cleanup);
  return { session: await dial(route, ourOptions(settings), cleanup), peer, isClient: true };
};

const theyDial: Meeting = async (settings, network, cleanup) => {
  const server = await startOurServer(ourOptions(settings), cleanup);
  const route = await through(network)(server.port, cleanup);
  const peer = startGoClient(route, [...goFlags(settings), ...load], cleanup);
  return { session: await firstValueFrom(server.sessions), peer, isClient: false };
};

/** All of the work; resolves when both ends have done it, and all bytes are right. */
async function converse({ session, peer, isClient }: Ends): Promise<void> {
  const work = isClient ? workAsClient : workAsServer;
  const [ours, theirs] = await Promise.all([work(session, 'echo', conversation), peer.event('done')]);
  expectIntact(isClient ? { client: ours, server: theirs } : { client: theirs, server: ours }, conversation);
}

for (const [direction, meet] of [
  ['a kcp-go server to our client', weDial],
  ['a kcp-go client to our server', theyDial],
] as const) {
  describeWith(kcpGo, `when the shape of groups changes, from ${direction}`, () => {
    for (const [knowledge, ours] of [
      ['told the first shape', first],
      ['told none', { encode: first }],
    ] as const) {
      test.concurrent(`our decoder, ${knowledge}, repairs before, and again after, at 15 % lost each way`, async ({
        onTestFinished,
      }) => {
        const settings: Settings = { ...conversation, fec: { ours, theirs: first } };
        const ends = await meet(settings, lossy, onTestFinished);
        const { session, peer } = ends;
        const done = converse(ends);
        await eventually(() => expect(session.snmp().FECRecovered).toBeGreaterThan(5));
        await peer.changeShape(second);
        await sleep(PASSAGE);
        const { FECRecovered } = session.snmp();
        await done;
        expect(session.snmp().FECRecovered).toBeGreaterThan(FECRecovered + 20);
        expect(session.snmp().FECErrs).toBe(0);
      });
    }

    // kcp-go's own decoder would make up packets here (peers/go/cmd/peer/retune_test.go).
    test.concurrent('our decoder makes nothing up where nothing is lost', async ({ onTestFinished }) => {
      const settings: Settings = { ...conversation, fec: { ours: { encode: first }, theirs: second } };
      const ends = await meet(settings, lossless, onTestFinished);
      const { session, peer } = ends;
      const done = converse(ends);
      await eventually(() => expect(session.snmp().FECFullShardSet).toBeGreaterThan(20));
      await peer.changeShape(first);
      await sleep(PASSAGE);
      const { FECFullShardSet } = session.snmp();
      await done;
      expect(session.snmp().FECRecovered).toBe(0);
      expect(session.snmp().FECFullShardSet).toBeGreaterThan(FECFullShardSet + 20);
    });
  });
}
