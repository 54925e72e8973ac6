// A kcp-go client whose NAT gives it another port each second: it notices nothing, and our server follows.

import { setInterval as every } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { refusals, type Session } from 'rxkcp';
import { expect, test } from 'vitest';
import { encryption } from './support/encryption.ts';
import { kcpGo } from './support/go-build.ts';
import { startGoClient } from './support/go-peer.ts';
import { MovingNat } from './support/moving-nat.ts';
import { startOurServer } from './support/our-ends.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions, type Settings } from './support/settings.ts';
import { workAsServer } from './support/works.ts';

const shape = { data: 10, parity: 3 };
const settings: Settings = {
  mode: 'fast3',
  window: 64,
  mtu: 1400,
  fec: { ours: shape, theirs: shape },
  encryption: encryption('aes-256-gcm', 4100),
};
/** So many that it takes some seconds. */
const load = { bytes: 192 << 20, seed: 4100 };

describeWith(kcpGo, 'a kcp-go client that gets another port each second', () => {
  test('sends 192 MiB in one session, which are what it sent, and is heard again within two RTOs and two round trips', async ({
    onTestFinished,
  }) => {
    const server = await startOurServer({ ...ourOptions(settings), migrate: true }, onTestFinished);
    const nat = await MovingNat.open(server.port, onTestFinished);
    const movesBefore = refusals().moves;
    const sessions: Session[] = [];
    server.sessions.subscribe((each) => sessions.push(each));
    const flags = ['-work', 'source', '-bytes', `${load.bytes}`, '-seed', `${load.seed}`, ...goFlags(settings)];
    const peer = startGoClient(nat.port, flags, onTestFinished);
    const session = await firstValueFrom(server.sessions);
    const cameAt: number[] = [];
    let isDone = false;
    const received = workAsServer(session, 'sink', load).finally(() => {
      isDone = true;
    });
    session.subscribe(() => cameAt.push(performance.now()));
    // A client that has nothing to send any more cannot be found at another port.
    for await (const _ of every(1000)) {
      if (isDone || session.stats().bytesReceived > load.bytes * 0.95) break;
      await nat.forget();
    }
    const [ours, theirs] = await Promise.all([received, peer.event('done')]);
    expect(ours.receivedSha256).toBe(theirs.sentSha256);
    expect(sessions).toEqual([session]);
    expect(nat.movedAt.length).toBeGreaterThan(1);
    expect(refusals().moves - movesBefore).toBe(nat.movedAt.length);
    const pauses = nat.movedAt.map((at) => (cameAt.find((each) => each > at + 1) ?? Infinity) - at);
    // kcp-go's RTO in this mode is 30 ms where the round trip is less than 1, and doubles while its acks are lost.
    expect(Math.max(...pauses)).toBeLessThan(500);
  });
});
