// The real kcptun, where it is installed: its processes, and what runs through them.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { openTunnelClient } from '../../../cli/tunnel/client.ts';
import type { Log } from '../../../cli/tunnel/log.ts';
import { openTunnelServer } from '../../../cli/tunnel/server.ts';
import { tunnelSettings } from '../../../cli/tunnel/settings.ts';
import type { Cleanup } from './cleanup.ts';
import type { Presence } from './peer-presence.ts';

const hasKcptun = ['kcptun-client', 'kcptun-server'].every(
  (name) => spawnSync(name, ['--version']).error === undefined,
);
export const kcptun: Presence = {
  peer: 'kcptun',
  missing: hasKcptun ? undefined : 'kcptun is not installed (Debian: apt-get install kcptun)',
};

/** Flags of either end, without the dashes. */
export type Flags = Readonly<Record<string, string | number | boolean>>;

const silent: Log = { say() {}, detail() {} };

const asArguments = (flags: Flags): string[] =>
  Object.entries(flags).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : value === false ? [] : [`--${name}`, `${value}`],
  );

const asGiven = (flags: Flags): Record<string, unknown> =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== false));

/** One end of a tunnel that runs, and how to end it without a word. */
export interface TunnelEnd {
  kill(): Promise<void>;
}

function startKcptun(role: 'client' | 'server', flags: Flags, cleanup: Cleanup): TunnelEnd {
  const child: ChildProcess = spawn(`kcptun-${role}`, [...asArguments(flags), '--quiet'], { stdio: 'ignore' });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  cleanup(kill);
  return { kill };
}

/** Resolves when a process has bound the UDP port: whoever dials before is told that nobody is there. */
async function bound(port: number): Promise<void> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const isBound = (): boolean =>
    ['udp', 'udp6'].some((table) => readFileSync(`/proc/net/${table}`, 'utf8').includes(local));
  for (let tries = 0; !isBound(); tries++) {
    if (tries === 1000) throw new Error(`nobody has bound UDP port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** An end of a tunnel: ours in this process, or kcptun's. */
export async function startEnd(
  who: 'ours' | 'kcptun',
  role: 'client' | 'server',
  flags: Flags,
  cleanup: Cleanup,
): Promise<TunnelEnd> {
  if (who === 'kcptun') {
    const end = startKcptun(role, flags, cleanup);
    if (role === 'server') await bound(Number(String(flags.listen).split(':').at(-1)));
    return end;
  }
  const open = role === 'client' ? openTunnelClient : openTunnelServer;
  const running = await open(tunnelSettings(role, asGiven({ ...flags, quiet: true })), silent);
  const kill = async (): Promise<void> => running.close();
  cleanup(kill);
  return { kill };
}

/** A TCP server that sends everything back, each direction to its end. */
export async function startEcho(cleanup: Cleanup): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

/** A connection through a tunnel that has just begun to listen. */
export async function connected(port: number): Promise<Socket> {
  for (let tries = 0; ; tries++) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Sends random bytes through the tunnel, and compares what comes back. */
export async function exchange(port: number, bytes: number): Promise<void> {
  const sent = randomBytes(bytes);
  const socket = await connected(port);
  const hash = createHash('sha256');
  let received = 0;
  const back = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk) => {
      hash.update(chunk);
      received += chunk.length;
      if (received >= bytes) resolve();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${received} of ${bytes} bytes`)));
  });
  socket.write(sent);
  try {
    await back;
  } finally {
    socket.destroy();
  }
  if (hash.digest('hex') !== createHash('sha256').update(sent).digest('hex')) throw new Error('other bytes came back');
}
