// The peer's process dies in the middle of a conversation. KCP has no close: all that shows is silence. Ours must notice
// it, and must not shout into it: kcp-go in our place sends 23 000 packets in the first minute (64 bytes every
// 100 ms), and more and more of them.

import { setTimeout as sleep } from 'node:timers/promises';
import { elementAt, firstValueFrom, interval } from 'rxjs';
import { DeadLinkError, IdleTimeoutError, type ModeName, type Session } from 'rxkcp';
import { expect, test } from 'vitest';
import type { Cleanup } from './support/cleanup.ts';
import { kcpGo } from './support/go-build.ts';
import { startGoClient, startGoServer } from './support/go-peer.ts';
import { dial, startOurServer } from './support/our-ends.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions, type Settings } from './support/settings.ts';

const settings = (mode: ModeName): Settings => ({ mode, window: 128, mtu: 1400 });

/** Sends 64 bytes every 100 ms until the test is over; resolves when `count` echoes have come back. */
async function chat(session: Session, count: number, cleanup: Cleanup): Promise<void> {
  const message = new Uint8Array(64).fill(7);
  const pace = interval(100).subscribe(() => session.next(message));
  cleanup(() => pace.unsubscribe());
  await firstValueFrom(session.pipe(elementAt(count - 1)));
}

/** Packets sent in each second from now until the session ends, and one second more. */
async function packetsPerSecond(session: Session): Promise<number[]> {
  const counts: number[] = [];
  let before = session.stats().packetsSent;
  for (let ended = false; !ended; ) {
    ended = session.closed;
    await sleep(1000);
    const now = session.stats().packetsSent;
    counts.push(now - before);
    before = now;
  }
  return counts;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** What is sent into the silence is little, and less and less; after the end it is nothing. */
function expectToFallSilent(counts: readonly number[], most: number): void {
  const half = Math.floor(counts.length / 2);
  expect(sum(counts)).toBeLessThan(most);
  expect(sum(counts.slice(half))).toBeLessThan(sum(counts.slice(0, half)));
  expect(counts.at(-1)).toBe(0);
}

describeWith(kcpGo, 'a session whose kcp-go peer is killed', () => {
  for (const mode of ['normal', 'fast', 'fast2', 'fast3'] as const) {
    test.concurrent(`ends with DeadLinkError while it goes on sending: ${mode}`, async ({ onTestFinished }) => {
      const { peer, port } = await startGoServer(['-work', 'echo', ...goFlags(settings(mode))], onTestFinished);
      const session = await dial(port, ourOptions(settings(mode)), onTestFinished);
      await chat(session, 20, onTestFinished);
      await peer.kill();
      const counts = await packetsPerSecond(session);
      expect(await firstValueFrom(session.closed$)).toMatchObject({
        reason: 'failed',
        error: expect.any(DeadLinkError),
      });
      console.log(`${mode}: packets sent in each second after the kill: ${counts.join(' ')}`);
      // A repetition for each message, and a probe every 300 ms.
      expectToFallSilent(counts, 500);
    });
  }

  test.concurrent('ends with IdleTimeoutError if idleTimeout is set, though it sends nothing', async ({
    onTestFinished,
  }) => {
    const { peer, port } = await startGoServer(['-work', 'echo', ...goFlags(settings('fast3'))], onTestFinished);
    const session = await dial(port, { ...ourOptions(settings('fast3')), idleTimeout: 2000 }, onTestFinished);
    session.next(new Uint8Array(64));
    await firstValueFrom(session);
    // The living peer answers the probes.
    await sleep(5000);
    expect(session.closed).toBe(false);
    await peer.kill();
    const counts = packetsPerSecond(session);
    expect(await firstValueFrom(session.closed$)).toMatchObject({
      reason: 'failed',
      error: expect.any(IdleTimeoutError),
    });
    // (After how long, to the ms: listen-spec.ts, on a virtual clock.)
    expect(sum(await counts)).toBeLessThan(20);
  });

  test.concurrent('ends with DeadLinkError on a server, in the middle of a large transfer', async ({
    onTestFinished,
  }) => {
    const server = await startOurServer(ourOptions(settings('fast3')), onTestFinished);
    const work = ['-work', 'sink', '-bytes', `${2 ** 40}`, ...goFlags(settings('fast3'))];
    const peer = startGoClient(server.port, work, onTestFinished);
    const session = await firstValueFrom(server.sessions);
    await firstValueFrom(session);
    const sending = sendForEver(session);
    await sleep(1000);
    await peer.kill();
    const [counts] = await Promise.all([
      packetsPerSecond(session),
      expect(sending).rejects.toBeInstanceOf(DeadLinkError),
    ]);
    console.log(`server: packets sent in each second after the kill: ${counts.join(' ')}`);
    expectToFallSilent(counts, 1500);
  });
});

async function sendForEver(session: Session): Promise<never> {
  const piece = new Uint8Array(64 * 1024);
  for (;;) await session.send(piece);
}
