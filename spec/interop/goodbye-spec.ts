// What ends tell each other is a window report for every other KCP peer: it goes on, counts no error, and has everything.

import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { push, wins } from '../support/marbles.ts';
import { badNetwork, through } from './support/bad-network.ts';
import { cCore, newNativeKcp } from './support/c-endpoint.ts';
import { kcpGo } from './support/go-build.ts';
import { startGoClient, startGoServer } from './support/go-peer.ts';
import { dial, startOurServer } from './support/our-ends.ts';
import { Pattern } from './support/pattern.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions, type Settings } from './support/settings.ts';

const settings: Settings = { mode: 'fast3', window: 128, mtu: 1400 };
const BYTES = 200_000;
const NO_ERRORS = { InErrs: 0, InCsumErrors: 0, KCPInErrors: 0 };

describeWith(kcpGo, 'kcp-go, to which words are said at every end,', () => {
  for (const seed of [1, 2, 3]) {
    for (const end of ['complete', 'finish'] as const) {
      test.concurrent(`has all from our client that says ${end}, at 10 % loss (seed ${seed})`, async ({
        onTestFinished,
      }) => {
        const flags = ['-work', 'sink', '-bytes', `${BYTES}`, ...goFlags(settings)];
        const { peer, port } = await startGoServer(flags, onTestFinished);
        const route = await through(badNetwork(0.1, seed))(port, onTestFinished);
        const session = await dial(route, ourOptions(settings), onTestFinished);
        session.subscribe({});
        session.next(new Pattern(seed).take(BYTES));
        const finished = end === 'finish' ? session.finish() : undefined;
        if (end === 'complete') session.complete();
        const done = await peer.event('done');
        expect(done).toMatchObject({ bytesReceived: BYTES, snmp: NO_ERRORS });
        await finished;
        expect(await firstValueFrom(session.closed$)).toEqual({ reason: 'completed' });
      });
    }
  }

  test.concurrent('has all from our server that completes', async ({ onTestFinished }) => {
    const server = await startOurServer(ourOptions(settings), onTestFinished);
    const flags = ['-work', 'sink', '-bytes', `${BYTES}`, ...goFlags(settings)];
    const peer = startGoClient(server.port, flags, onTestFinished);
    const session = await firstValueFrom(server.sessions);
    await firstValueFrom(session);
    session.next(new Pattern(9).take(BYTES));
    session.complete();
    expect(await firstValueFrom(session.closed$)).toEqual({ reason: 'completed' });
    expect(await peer.event('done')).toMatchObject({ bytesReceived: BYTES, snmp: NO_ERRORS });
  });
});

describeWith(cCore, 'the C core', () => {
  test.each(Array.from({ length: 8 }, (_, bit) => 1 << bit))('takes words %i for a window report', (words) => {
    const kcp = newNativeKcp(1);
    kcp.nodelay(1, 10, 2, 1);
    const sent: Buffer[] = [];
    kcp.output((packet) => sent.push(Buffer.from(packet)));
    kcp.update(0);
    kcp.input(Buffer.from(push(0, 'before')));
    expect(kcp.recv()?.toString()).toBe('before');
    const said = Buffer.from(wins(128, { sn: 0x7fff_fff0, ts: 0x1234_5678 }));
    said[5] = words;
    // As whatever else it takes: node-kcp says 0 for a packet that was in order.
    expect(kcp.input(said)).toBe(kcp.input(Buffer.from(wins(128))));
    expect(kcp.recv()).toBeUndefined();
    kcp.send(Buffer.from('still here'));
    kcp.flush();
    expect(sent.some((packet) => packet.includes('still here'))).toBe(true);
    kcp.input(Buffer.from(push(1, 'after')));
    expect(kcp.recv()?.toString()).toBe('after');
    kcp.release();
  });
});
