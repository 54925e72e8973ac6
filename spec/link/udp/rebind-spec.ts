// Clients that change their own socket in the middle of a conversation.

import { createHash } from 'node:crypto';
import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import {
  aesGcm,
  connect,
  memoryPair,
  NotRebindableError,
  PeerRestartedError,
  refusals,
  resetRefusals,
  type Session,
  SessionClosedError,
  type UdpLink,
  udpLink,
} from 'rxkcp';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Cleanup } from '../../interop/support/cleanup.ts';
import { dial, type OurServer, startOurServer } from '../../interop/support/our-ends.ts';
import { eventually } from '../../support/eventually.ts';
import { describeFaults, describeLinks } from '../../support/native.ts';
import { openHub, openLink, socketCount } from './native/support.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const sealed = () => ({ mode: 'fast3', cipher: aesGcm(KEY), sendWindow: 128, receiveWindow: 128 }) as const;

beforeEach(() => resetRefusals());

/** A server that follows its clients, and sends back what it gets. */
async function echoServer(cleanup: Cleanup, options = {}): Promise<OurServer> {
  const server = await startOurServer({ ...sealed(), migrate: true, ...options }, cleanup);
  server.sessions.subscribe((session) => session.subscribe(session));
  return server;
}

/** A session of which the peer has heard. */
async function talking(server: OurServer, cleanup: Cleanup, options = sealed() as object): Promise<Session> {
  const session = await dial(server.port, options, cleanup);
  session.next(new Uint8Array(10));
  await firstValueFrom(session);
  return session;
}

describeLinks(() => {
  test('4 MiB and their echo arrive whole while the client changes its socket three times', async ({
    onTestFinished,
  }) => {
    const sessions: Session[] = [];
    const server = await echoServer(onTestFinished);
    server.sessions.subscribe((each) => sessions.push(each));
    const session = await talking(server, onTestFinished);
    const sent = createHash('sha256');
    const received = createHash('sha256');
    const ports = new Set([session.local?.port]);
    const cameAt: number[] = [];
    const total = 4 << 20;
    let bytes = 0;
    const done = new Promise<void>((resolve) => {
      session.subscribe((message) => {
        received.update(message);
        cameAt.push(performance.now());
        bytes += message.length;
        if (bytes === total) resolve();
      });
    });
    const movedAt: number[] = [];
    for (let part = 0; part < 64; part++) {
      // As the server lets nobody move more than once per second, the pace is that of the moves.
      if (part % 20 === 5) {
        const { port } = await session.rebind();
        movedAt.push(performance.now());
        expect(session.local?.port).toBe(port);
        ports.add(port);
        await sleep(1100);
      }
      for (let i = 0; i < 64; i++) {
        const message = new Uint8Array(1024).fill(part * 64 + i);
        sent.update(message);
        await session.send(message);
      }
    }
    await done;
    expect(received.digest('hex')).toBe(sent.digest('hex'));
    expect(ports.size).toBe(4);
    expect(sessions.length).toBe(1);
    expect(refusals().moves).toBe(3);
    expect(sessions[0]?.remote?.port).toBe(session.local?.port);
    // What was on its way when the socket changed comes within a few RTOs of 30 ms.
    const pauses = movedAt.map((at) => (cameAt.find((each) => each > at) ?? Infinity) - at);
    expect(Math.max(...pauses)).toBeLessThan(1500);
  });

  test('a client that only reads is found at its new port', async ({ onTestFinished }) => {
    const server = await startOurServer({ ...sealed(), migrate: true }, onTestFinished);
    const session = await dial(server.port, sealed(), onTestFinished);
    session.next(new Uint8Array(10));
    const theirs = await firstValueFrom(server.sessions);
    await eventually(() => expect(session.stats().inFlight).toBe(0));
    await sleep(1000);
    const { port } = await session.rebind();
    await eventually(() => expect(theirs.remote?.port).toBe(port));
    theirs.next(Uint8Array.of(1, 2, 3));
    expect(await firstValueFrom(session)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('two calls at once are two changes, of which the last counts, and no socket is left', async ({
    onTestFinished,
  }) => {
    const server = await echoServer(onTestFinished);
    const session = await talking(server, onTestFinished);
    const before = socketCount();
    await Promise.all([session.rebind(), session.rebind()]);
    session.next(Uint8Array.of(7));
    expect(await firstValueFrom(session)).toEqual(Uint8Array.of(7));
    await eventually(() => expect(socketCount()).toBe(before));
    session.close();
    await eventually(() => expect(socketCount()).toBe(before - 1));
  });

  test('a server without `migrate` takes the client for a stranger: the session fails with PeerRestartedError', async ({
    onTestFinished,
  }) => {
    const sessions: Session[] = [];
    const server = await echoServer(onTestFinished, { migrate: false });
    server.sessions.subscribe((each) => sessions.push(each));
    const session = await talking(server, onTestFinished);
    session.subscribe({ error: () => {} });
    await session.rebind();
    session.next(new Uint8Array(10));
    expect(await firstValueFrom(session.closed$)).toMatchObject({ error: expect.any(PeerRestartedError) });
    expect(sessions.length).toBe(1);
  });

  test('a session that has ended, or ends meanwhile, rejects, and leaves no socket', async ({ onTestFinished }) => {
    const server = await echoServer(onTestFinished);
    const before = socketCount();
    const session = await talking(server, onTestFinished);
    const pending = session.rebind();
    session.close();
    await expect(pending).rejects.toThrow(SessionClosedError);
    await expect(session.rebind()).rejects.toThrow(SessionClosedError);
    await eventually(() => expect(socketCount()).toBe(before));
  });

  test('`udpLink` has it, and the session that uses the link directly moves with it', async ({ onTestFinished }) => {
    const server = await echoServer(onTestFinished);
    const link = await new Promise<UdpLink>((resolve) => {
      const opening = udpLink({ port: server.port }).subscribe(resolve);
      onTestFinished(() => opening.unsubscribe());
    });
    await expect(link.rebind()).rejects.toThrow(NotRebindableError);
    const session = await new Promise<Session>((resolve) => {
      const connection = connect({ link, ...sealed() }).subscribe(resolve);
      onTestFinished(() => connection.unsubscribe());
    });
    session.next(Uint8Array.of(1));
    await firstValueFrom(session);
    expect(await link.rebind()).toEqual(link.local);
    expect(session.local).toEqual(link.local);
    await session.rebind();
    expect(session.local).toEqual(link.local);
    session.next(Uint8Array.of(2));
    expect(await firstValueFrom(session)).toEqual(Uint8Array.of(2));
  });
});

describeFaults('the native link, when the system', (addon) => {
  afterEach(() => void addon.fail('send', 0, 0, false));
  const { EBADF, EINVAL, ECONNREFUSED, EPERM } = constants.errno;

  test('has taken the socket away (EBADF), takes another one, and sends by that', async ({ onTestFinished }) => {
    const hub = await openHub(addon);
    const link = await openLink(addon, { port: hub.channel.local.port });
    onTestFinished(() => {
      for (const end of [hub, link]) end.close();
    });
    const sockets = socketCount();
    const { port } = link.channel.local as { port: number };
    // The second time it is sure that the error is not of an earlier datagram.
    addon.fail('send', EBADF, 2, false);
    link.channel.outgoing.next([Uint8Array.of(1)]);
    await eventually(() => expect(link.channel.local?.port).not.toBe(port));
    link.channel.outgoing.next([Uint8Array.of(2)]);
    await hub.until(1);
    expect(hub.received).toEqual([Uint8Array.of(2)]);
    expect(hub.peers[0]?.port).toBe(link.channel.local?.port);
    await eventually(() => expect(socketCount()).toBe(sockets));
  });

  test.each([
    ['has no way to the peer, and has no other address to give (EINVAL)', EINVAL],
    ['refuses the port (ECONNREFUSED)', ECONNREFUSED],
    ['forbids it (EPERM)', EPERM],
  ])('%s, keeps the socket', async (_, errno) => {
    const hub = await openHub(addon);
    const link = await openLink(addon, { port: hub.channel.local.port });
    const sockets = socketCount();
    const { port } = link.channel.local as { port: number };
    addon.fail('send', errno, 2, false);
    link.channel.outgoing.next([Uint8Array.of(1)]);
    await sleep(50);
    link.channel.outgoing.next([Uint8Array.of(2)]);
    await hub.until(1);
    expect(hub.peers[0]?.port).toBe(port);
    await eventually(() => expect(socketCount()).toBe(sockets));
    for (const end of [hub, link]) end.close();
  });
});

describe('over node:dgram, when the system', () => {
  beforeEach(() => void vi.stubEnv('RXKCP_NATIVE', '0'));
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  /** Sends once, with the system's answer `code`. Returns the ports before and after. */
  async function sendAndFail(
    code: string,
    cleanup: Cleanup,
  ): Promise<{ before: number | undefined; session: Session }> {
    const server = await echoServer(cleanup);
    const session = await talking(server, cleanup);
    const before = session.local?.port;
    await sleep(150);
    vi.spyOn(Socket.prototype, 'send').mockImplementationOnce((...args: unknown[]) => {
      const done = args.at(-1) as (error: Error) => void;
      process.nextTick(done, Object.assign(new Error(code), { code }));
    });
    session.next(Uint8Array.of(1));
    expect(await firstValueFrom(session)).toEqual(Uint8Array.of(1));
    return { before, session };
  }

  test('has taken the socket away (EBADF), the session goes on over another one', async ({ onTestFinished }) => {
    const { before, session } = await sendAndFail('EBADF', onTestFinished);
    expect(session.local?.port).not.toBe(before);
  });

  test.each(['EINVAL', 'ECONNREFUSED', 'EPERM'])('says %s, the session keeps its socket', async (code) => {
    const cleanups: (() => unknown)[] = [];
    const { before, session } = await sendAndFail(code, (cleanup) => cleanups.push(cleanup));
    expect(session.local?.port).toBe(before);
    for (const cleanup of cleanups) await cleanup();
  });
});

describe('sessions without a socket of the library', () => {
  test('of a custom link, of your own socket, and of `listen` reject with NotRebindableError', async ({
    onTestFinished,
  }) => {
    const [end] = memoryPair();
    const overMemory = await opened(connect({ link: end }), onTestFinished);
    await expect(overMemory.rebind()).rejects.toThrow(NotRebindableError);
    const server = await echoServer(onTestFinished);
    const socket = createSocket('udp4');
    onTestFinished(() => void socket.close());
    socket.bind(0);
    await once(socket, 'listening');
    const overLent = await opened(connect({ port: server.port, socket, ...sealed() }), onTestFinished);
    await expect(overLent.rebind()).rejects.toThrow(NotRebindableError);
    overLent.next(Uint8Array.of(1));
    await expect((await firstValueFrom(server.sessions)).rebind()).rejects.toThrow(NotRebindableError);
  });
});

/** The first session, kept open until the test is over. */
function opened(sessions: ReturnType<typeof connect>, cleanup: Cleanup): Promise<Session> {
  return new Promise((resolve, reject) => {
    const connection = sessions.subscribe({ next: resolve, error: reject });
    cleanup(() => connection.unsubscribe());
  });
}
