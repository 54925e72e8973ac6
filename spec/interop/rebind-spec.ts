// Our client changes its socket in a conversation with a kcp-go server, which looks sessions up by address (sess.go, Listener.packetInput).

import { firstValueFrom } from 'rxjs';
import { PeerRestartedError } from 'rxkcp';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { encryption } from './support/encryption.ts';
import { kcpGo } from './support/go-build.ts';
import { startGoServer } from './support/go-peer.ts';
import { dial } from './support/our-ends.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions, type Settings } from './support/settings.ts';

const settings: Settings = { mode: 'fast3', window: 128, mtu: 1400, encryption: encryption('aes-256-gcm', 4200) };

describeWith(kcpGo, 'a kcp-go server whose client changes its socket', () => {
  for (const before of [1, 300]) {
    test.concurrent(`begins another session, and ours fails with PeerRestartedError: ${before} messages before`, async ({
      onTestFinished,
    }) => {
      const port = await freePort();
      const flags = ['-work', 'echo', '-addr', `127.0.0.1:${port}`, ...goFlags(settings)];
      const { peer } = await startGoServer(flags, onTestFinished);
      const accepted: { remote: string; conv: number }[] = [];
      peer.events('accepted').subscribe({ next: (each) => accepted.push(each), error: () => {} });
      const client = await dial(port, ourOptions(settings), onTestFinished);
      client.subscribe({ error: () => {} });
      for (let i = 0; i < before; i++) await client.send(new Uint8Array(1000));
      await eventually(() => expect(client.stats()).toMatchObject({ inFlight: 0, bytesReceived: before * 1000 }));
      const { port: moved } = await client.rebind();
      for (let i = 0; i < 5; i++) client.next(new Uint8Array(64));
      expect(await firstValueFrom(client.closed$)).toMatchObject({ error: expect.any(PeerRestartedError) });
      expect(client.local?.port).toBe(moved);
      expect(client.stats().bytesReceived).toBe(before * 1000);
      expect(accepted).toMatchObject([{ conv: client.conv }, { conv: client.conv, remote: `127.0.0.1:${moved}` }]);
    });
  }
});
