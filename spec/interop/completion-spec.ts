// complete() towards kcp-go on a bad network: nothing that was sent is lost by closing, and a session that ended well
// is not taken for a dead one.

import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { badNetwork, through } from './support/bad-network.ts';
import { kcpGo } from './support/go-build.ts';
import { startGoClient, startGoServer } from './support/go-peer.ts';
import { dial, startOurServer } from './support/our-ends.ts';
import { Pattern } from './support/pattern.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions, type Settings } from './support/settings.ts';

const settings: Settings = { mode: 'fast3', window: 128, mtu: 1400 };
const seeds = [90, 91, 92, 93, 94];
const BYTES = 300_000;

describeWith(kcpGo, 'complete(), at 30 % lost each way, lets kcp-go have everything', () => {
  for (const seed of seeds) {
    test.concurrent(`from our client (seed ${seed})`, async ({ onTestFinished }) => {
      const flags = ['-work', 'sink', '-bytes', `${BYTES}`, ...goFlags(settings)];
      const { peer, port } = await startGoServer(flags, onTestFinished);
      const route = await through(badNetwork(0.3, seed))(port, onTestFinished);
      const session = await dial(route, ourOptions(settings), onTestFinished);
      session.subscribe({});
      session.next(new Pattern(seed).take(BYTES));
      session.complete();
      expect(await firstValueFrom(session.closed$)).toEqual({ reason: 'completed' });
      expect(await peer.event('done')).toMatchObject({ bytesReceived: BYTES });
    });

    test.concurrent(`from our server, after the client's last word (seed ${seed})`, async ({ onTestFinished }) => {
      const server = await startOurServer(ourOptions(settings), onTestFinished);
      const route = await through(badNetwork(0.3, seed))(server.port, onTestFinished);
      const flags = ['-work', 'sink', '-bytes', `${BYTES}`, ...goFlags(settings)];
      const peer = startGoClient(route, flags, onTestFinished);
      const session = await firstValueFrom(server.sessions);
      await firstValueFrom(session);
      session.next(new Pattern(seed).take(BYTES));
      session.complete();
      expect(await firstValueFrom(session.closed$)).toEqual({ reason: 'completed' });
      expect(await peer.event('done')).toMatchObject({ bytesReceived: BYTES });
    });
  }
});
