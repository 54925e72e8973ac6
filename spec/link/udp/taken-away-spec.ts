// The system takes a socket away, or the address that it has.

import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:dgram';
import { on } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { firstValueFrom } from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Cleanup } from '../../interop/support/cleanup.ts';
import { startOurServer } from '../../interop/support/our-ends.ts';
import { bundleForNode } from '../../support/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { layCable, type Namespace, withoutNamespaces } from '../../support/namespaces.ts';
import { describeFaults, describeLinks } from '../../support/native.ts';
import { openHub, openLink } from './native/support.ts';

describe('a socket that is gone is replaced on the port that was asked for', () => {
  test('over node:dgram: to a server that follows nobody, the session goes on', async ({ onTestFinished }) => {
    vi.stubEnv('RXKCP_NATIVE', '0');
    onTestFinished(() => {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
    });
    const server = await startOurServer({ mode: 'fast3' }, onTestFinished);
    server.sessions.subscribe((session) => session.subscribe(session));
    const localPort = await freePort();
    const session = await new Promise<Session>((resolve, reject) => {
      const connection = connect({ port: server.port, localPort, mode: 'fast3' }).subscribe({
        next: resolve,
        error: reject,
      });
      onTestFinished(() => connection.unsubscribe());
    });
    session.next(Uint8Array.of(1));
    expect(await firstValueFrom(session)).toEqual(Uint8Array.of(1));
    const opened = vi.spyOn(Socket.prototype, 'bind');
    await eventually(() => expect(session.stats().inFlight).toBe(0));
    // The link asks what became of a datagram ten times per second at most.
    await new Promise((resolve) => setTimeout(resolve, 150));
    vi.spyOn(Socket.prototype, 'send').mockImplementationOnce((...args: unknown[]) => {
      const done = args.at(-1) as (error: Error) => void;
      process.nextTick(done, Object.assign(new Error('EBADF'), { code: 'EBADF' }));
    });
    session.next(Uint8Array.of(2));
    expect(await firstValueFrom(session)).toEqual(Uint8Array.of(2));
    expect(session.local?.port).toBe(localPort);
    expect(opened).toHaveBeenCalledTimes(2);
  });

  describeFaults('over the native link:', (addon) => {
    test('the peer sees the same port as before', async ({ onTestFinished }) => {
      const hub = await openHub(addon);
      const localPort = await freePort();
      const link = await openLink(addon, { port: hub.channel.local.port, localPort });
      onTestFinished(() => {
        addon.fail('send', 0, 0, false);
        for (const end of [hub, link]) end.close();
      });
      addon.fail('send', constants.errno.EBADF, 2, false);
      link.channel.outgoing.next([Uint8Array.of(1)]);
      await eventually(() => {
        link.channel.outgoing.next([Uint8Array.of(2)]);
        expect(hub.received.length).toBeGreaterThan(0);
      });
      expect(hub.received[0]).toEqual(Uint8Array.of(2));
      expect(hub.peers[0]?.port).toBe(localPort);
      expect(link.channel.local?.port).toBe(localPort);
    });
  });
});

/** An end in a process of its own. The client sends numbers, and both tell what they see. */
const PEER = `
  import { aesGcm, connect, listen } from 'rxkcp';
  const [role, host, localPort] = process.argv.slice(2);
  const options = { mode: 'fast3', cipher: aesGcm(new Uint8Array(32)) } as const;
  const tell = (what: object): void => void process.send?.(what);
  if (role === 'server') {
    let number = 0;
    listen({ ...options, host, port: 4000, migrate: true, onListening: tell }).subscribe((session) => {
      number++;
      session.subscribe((message) => {
        session.next(message);
        tell({ session: number, from: session.remote });
      });
    });
  } else {
    connect({ ...options, host, port: 4000, localPort: Number(localPort) }).subscribe((session) => {
      let sent = 0;
      setInterval(() => session.next(Uint8Array.of(sent++)), 20);
      const error = (error: Error) => tell({ failed: error.message });
      session.subscribe({ next: ([echo]) => tell({ echo, local: session.local }), error });
    });
  }
`;
const program = new URL(`../../.taken-away-${process.pid}.mjs`, import.meta.url);

interface Told {
  readonly echo?: number;
  readonly session?: number;
  readonly local?: { readonly address: string; readonly port: number };
  readonly from?: { readonly address: string; readonly port: number };
  readonly failed?: string;
}

function start(where: Namespace, native: string, cleanup: Cleanup, ...args: string[]): ChildProcess {
  const [command, ...words] = where.command(process.execPath, fileURLToPath(program), ...args);
  const env = { ...process.env, RXKCP_NATIVE: native };
  const child = spawn(command, words, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  cleanup(() => void child.kill('SIGKILL'));
  return child;
}

/** What the process tells until `isLast` holds for it. */
async function toldBy(child: ChildProcess, isLast: (told: Told) => boolean): Promise<Told[]> {
  const all: Told[] = [];
  for await (const [told] of on(child, 'message') as AsyncIterable<[Told]>) {
    all.push(told);
    if (told.failed !== undefined) throw new Error(told.failed);
    if (isLast(told)) break;
  }
  return all;
}

const FIRST = '10.98.0.1';
const SECOND = '10.98.0.3';
const SERVER = '10.98.0.2';

const missing = withoutNamespaces();
if (missing !== undefined) {
  console.warn(`not run, for network namespaces cannot be made here (${missing}): addresses that are taken away`);
} else {
  describe('an address that is taken away in the middle of a conversation, and another one given:', () => {
    beforeAll(async () => {
      writeFileSync(program, (await bundleForNode(PEER, 'ts')).code);
      return () => rmSync(program);
    });
    afterEach(() => void vi.unstubAllEnvs());

    describeLinks(() => {
      test.each([
        ['any port', 0],
        ['a port that was asked for', 4321],
      ])('the session goes on by itself, at %s', async (_, port) => {
        const cleanups: (() => unknown)[] = [];
        try {
          await conversation(port, (cleanup) => cleanups.push(cleanup));
        } finally {
          for (const cleanup of cleanups.reverse()) await cleanup();
        }
      });
    });
  });
}

async function conversation(port: number, cleanup: Cleanup): Promise<void> {
  const [left, right] = layCable(cleanup);
  left.give(FIRST);
  right.give(SERVER);
  const native = process.env.RXKCP_NATIVE ?? '1';
  const server = start(right, native, cleanup, 'server', SERVER);
  await toldBy(server, () => true);
  const client = start(left, native, cleanup, 'client', SERVER, `${port}`);
  const before = await toldBy(client, ({ echo }) => echo === 20);
  expect(before.at(-1)?.local?.address).toBe(FIRST);
  const seen = toldBy(server, ({ from }) => from?.address === SECOND);

  left.take(FIRST);
  left.give(SECOND);
  const after = await toldBy(client, ({ echo, local }) => local?.address === SECOND && (echo ?? 0) >= 100);
  const echoes = [...before, ...after].map(({ echo }) => echo);
  expect(echoes).toEqual(echoes.map((_, i) => i & 255));
  const last = after.at(-1)?.local;
  if (port === 0) expect(last?.port).toBeGreaterThan(0);
  else expect(last?.port).toBe(port);
  const { session, from } = (await seen).at(-1) as Told;
  expect(session).toBe(1);
  expect(from).toEqual(last);
}
