// Groups that change their shape while a conversation goes on: the receiver finds out, repairs again, and delivers no
// wrong byte meanwhile.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  concatMap,
  firstValueFrom,
  fromEvent,
  map,
  merge,
  type Observable,
  Subject,
  share,
  skip,
  take,
  tap,
} from 'rxjs';
import { type Burst, connect, type FecShape, type Session } from 'rxkcp';
import { fecEncode } from 'rxkcp/operators';
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

/** As of an end that changes the shape of its groups after `groups` of them. Seqids go on, at the next one that begins a group. */
function fecEncodeChanging(groups: number): (bursts: Observable<Burst>) => Observable<Burst> {
  return (bursts) => {
    const packets = bursts.pipe(
      concatMap((burst) => burst),
      map((packet) => [packet]),
      share(),
    );
    const size = second.data + second.parity;
    const seqids = Math.ceil((groups * (first.data + first.parity)) / size) * size;
    return merge(
      packets.pipe(take(groups * first.data), fecEncode(first)),
      packets.pipe(skip(groups * first.data), fecEncode(second), tap(shiftSeqids(seqids))),
    );
  };
}

function shiftSeqids(by: number): (datagrams: Burst) => void {
  return (datagrams) => {
    for (const datagram of datagrams) {
      const header = new DataView(datagram.buffer, datagram.byteOffset);
      header.setUint32(0, header.getUint32(0, true) + by, true);
    }
  };
}

/** A session whose packets go through `layer` on their way to `port` of this machine. */
async function dialThrough(
  layer: (bursts: Observable<Burst>) => Observable<Burst>,
  port: number,
  settings: Settings,
  cleanup: Cleanup,
): Promise<Session> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanup(() => {
    socket.close();
  });
  const outgoing = new Subject<Burst>();
  outgoing.pipe(layer).subscribe((burst) => {
    for (const datagram of burst) socket.send(datagram, port, '127.0.0.1');
  });
  const incoming = fromEvent(socket, 'message', (datagram: Uint8Array) => [datagram]);
  return new Promise((resolve, reject) => {
    const link = { incoming, outgoing, overhead: 8 };
    const connection = connect({ link, ...ourOptions(settings) }).subscribe({ next: resolve, error: reject });
    cleanup(() => connection.unsubscribe());
  });
}

describeWith(kcpGo, 'when the shape of our groups changes, by our operators', () => {
  test.concurrent("kcp-go's decoder repairs before, and again after, at 15 % lost each way", async ({
    onTestFinished,
  }) => {
    const settings: Settings = { ...conversation, fec: { theirs: first } };
    const { peer, port } = await startGoServer([...goFlags(settings), ...load], onTestFinished);
    const route = await through(lossy)(port, onTestFinished);
    const groups = 40;
    const session = await dialThrough(fecEncodeChanging(groups), route, settings, onTestFinished);
    const done = converse({ session, peer, isClient: true });
    await eventually(() => expect(session.stats().packetsSent).toBeGreaterThan(groups * first.data));
    await sleep(PASSAGE);
    const { FECRecovered } = (await peer.report()).snmp;
    expect(FECRecovered).toBeGreaterThan(5);
    await done;
    expect((await peer.report()).snmp.FECRecovered).toBeGreaterThan(FECRecovered + 20);
  });
});
