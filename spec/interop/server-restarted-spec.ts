// Our server goes away in the middle of conversations, and a new one comes up on the same port. It must not take up,
// let alone acknowledge, what it never saw the beginning of: the clients would take lost data for delivered. (kcp-go
// and the C core do that.)

import { setTimeout as sleep } from 'node:timers/promises';
import { elementAt, firstValueFrom, interval } from 'rxjs';
import { PeerRestartedError, type Session } from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import type { Cleanup } from './support/cleanup.ts';
import { kcpGo } from './support/go-build.ts';
import { startGoClient, startGoServer } from './support/go-peer.ts';
import { dial, type OurServer, startOurServer } from './support/our-ends.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions, type Settings } from './support/settings.ts';
import { Wiretap } from './support/wiretap.ts';

const settings: Settings = { mode: 'fast3', window: 128, mtu: 1400 };

/** Lets the server crash: its last words are lost. Starts another one in its place, and returns it with the sessions it makes. */
async function restart(server: OurServer, cleanup: Cleanup, wiretap?: Wiretap): Promise<Session[]> {
  if (wiretap !== undefined) wiretap.isServerMute = true;
  server.close();
  // What was on its way to the client arrives before anyone counts.
  await sleep(50);
  if (wiretap !== undefined) wiretap.isServerMute = false;
  const sessions: Session[] = [];
  const next = await startOurServer({ ...ourOptions(settings), port: server.port }, cleanup);
  next.sessions.subscribe((session) => sessions.push(session));
  return sessions;
}

/**
 * Says a word now and then until the session knows that the network is fast. All that it waits for it measures in RTOs, and a machine that has
 * other things to do, while hundreds of messages are on their way, is a slow network.
 */
async function settle(session: Session): Promise<void> {
  for (let words = 0; session.stats().rto > 150; words++) {
    expect(words).toBeLessThan(100);
    await session.send(new Uint8Array(8));
    await sleep(50);
  }
  await eventually(() => expect(session.stats().inFlight).toBe(0));
}

/** Sends 64 bytes every 20 ms until the test is over. */
function chat(session: Session, cleanup: Cleanup): void {
  const pace = interval(20).subscribe(() => session.next(new Uint8Array(64)));
  cleanup(() => pace.unsubscribe());
}

describe('a restarted server', () => {
  test.concurrent('tells a client that it does not know the conversation that both ends spoke in', async ({
    onTestFinished,
  }) => {
    const server = await startOurServer({ ...ourOptions(settings), port: await freePort() }, onTestFinished);
    server.sessions.subscribe((session) => session.subscribe(session));
    const wiretap = await Wiretap.open(server.port, onTestFinished);
    const client = await dial(wiretap.port, ourOptions(settings), onTestFinished);
    chat(client, onTestFinished);
    await firstValueFrom(client.pipe(elementAt(19)));
    const sessions = await restart(server, onTestFinished, wiretap);
    const restartedAt = performance.now();
    const { error } = await firstValueFrom(client.closed$);
    expect(error).toBeInstanceOf(PeerRestartedError);
    expect(performance.now() - restartedAt).toBeLessThan(2000);
    expect(sessions).toEqual([]);
  });

  // Such packets look like early ones of a new conversation: nothing was received, so una is 0.
  test.concurrent('leaves a conversation alone that only the client spoke in', async ({ onTestFinished }) => {
    const server = await startOurServer({ ...ourOptions(settings), port: await freePort() }, onTestFinished);
    const wiretap = await Wiretap.open(server.port, onTestFinished);
    const client = await dial(wiretap.port, ourOptions(settings), onTestFinished);
    chat(client, onTestFinished);
    const session = await firstValueFrom(server.sessions);
    await firstValueFrom(session.pipe(elementAt(19)));
    const sessions = await restart(server, onTestFinished, wiretap);
    const restartedAt = performance.now();
    // The client's probes look like those of one who has yet to begin, and are answered. That tells it.
    expect(await firstValueFrom(client.closed$)).toMatchObject({
      reason: 'failed',
      error: expect.any(PeerRestartedError),
    });
    expect(performance.now() - restartedAt).toBeLessThan(5000);
    expect(sessions).toEqual([]);
  });

  test.concurrent('serves a client that begins a new conversation', async ({ onTestFinished }) => {
    const server = await startOurServer({ ...ourOptions(settings), port: await freePort() }, onTestFinished);
    const sessions = await restart(server, onTestFinished);
    const client = await dial(server.port, ourOptions(settings), onTestFinished);
    client.next(new Uint8Array(64));
    await eventually(() => expect(client.stats().inFlight).toBe(0));
    expect(sessions).toMatchObject([{ conv: client.conv }]);
  });
});

describeWith(kcpGo, 'a restarted server, and a kcp-go client', () => {
  test.concurrent('leaves a conversation alone that it never saw the beginning of', async ({ onTestFinished }) => {
    const server = await startOurServer({ ...ourOptions(settings), port: await freePort() }, onTestFinished);
    server.sessions.subscribe((session) => session.subscribe(session));
    const wiretap = await Wiretap.open(server.port, onTestFinished);
    startGoClient(wiretap.port, ['-work', 'ping', '-duration', '60s', ...goFlags(settings)], onTestFinished);
    const session = await firstValueFrom(server.sessions);
    await eventually(() => expect(session.stats().bytesReceived).toBeGreaterThan(20 * 64));
    const sessions = await restart(server, onTestFinished);
    const { fromClient, fromServer } = wiretap;
    await sleep(3000);
    expect(wiretap.fromClient).toBeGreaterThan(fromClient + 100);
    // What it says to one that does not understand is no ack, and no more than it was sent.
    expect(wiretap.fromServer - fromServer).toBeLessThanOrEqual(wiretap.fromClient - fromClient);
    expect(sessions).toEqual([]);
  });
});

/** A restarted kcp-go server takes up the middle of a conversation, and acknowledges what its reader will never get. */
describeWith(kcpGo, 'a restarted kcp-go server, and our client', () => {
  // With few messages before, what follows lies within the window of the new session, and is acknowledged; with many it is not.
  for (const mode of ['normal', 'fast3'] as const) {
    for (const before of [10, 300]) {
      test.concurrent(`is noticed within 2 s, and nothing is acknowledged after it: ${mode}, ${before} messages before`, async ({
        onTestFinished,
      }) => {
        const port = await freePort();
        const flags = ['-work', 'echo', '-addr', `127.0.0.1:${port}`, ...goFlags({ ...settings, mode })];
        const { peer } = await startGoServer(flags, onTestFinished);
        const client = await dial(port, ourOptions({ ...settings, mode }), onTestFinished);
        client.subscribe({ error: () => {} });
        for (let i = 0; i < before; i++) await client.send(new Uint8Array(1000));
        await eventually(() => expect(client.stats()).toMatchObject({ inFlight: 0, bytesReceived: before * 1000 }));
        await settle(client);
        await peer.kill();
        const next = await startGoServer(flags, onTestFinished);
        expect(next.port).toBe(port);
        const restartedAt = performance.now();
        let taken = 0;
        for (let i = 0; i < 5; i++) client.next(new Uint8Array(64));
        client.trace$('in-ack').subscribe(() => taken++);
        expect(await firstValueFrom(client.closed$)).toMatchObject({
          reason: 'failed',
          error: expect.any(PeerRestartedError),
        });
        expect(performance.now() - restartedAt).toBeLessThan(2000);
        expect(client.stats().inFlight).toBe(5);
        expect(taken).toBe(0);
      });
    }
  }
});
