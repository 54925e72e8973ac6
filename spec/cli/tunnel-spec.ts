// Both ends of a tunnel of ours: what kcptun does not have, and what needs no kcptun.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTunnelClient } from '../../cli/tunnel/client.ts';
import { openTunnelServer } from '../../cli/tunnel/server.ts';
import { tunnelSettings } from '../../cli/tunnel/settings.ts';
import type { Cleanup } from '../interop/support/cleanup.ts';
import { connected, exchange, type Flags, startEcho, startEnd } from '../interop/support/kcptun.ts';
import { freePort } from '../support/free-port.ts';

async function openTunnel(client: Flags, server: Flags, cleanup: Cleanup): Promise<number> {
  const [udp, port] = [await freePort(), await freePort()];
  await startEnd('ours', 'server', { mode: 'fast3', listen: `127.0.0.1:${udp}`, ...server }, cleanup);
  await startEnd(
    'ours',
    'client',
    { mode: 'fast3', localaddr: `127.0.0.1:${port}`, remoteaddr: `127.0.0.1:${udp}`, ...client },
    cleanup,
  );
  return port;
}

describe('a tunnel of ours', () => {
  test.each([
    ['with compression', {}],
    ['without', { nocomp: true }],
    ['smux version 1', { smuxver: 1 }],
    ['aes-128-gcm', { crypt: 'aes-128-gcm' }],
    ['null, which has no header', { crypt: 'null' }],
    ['four sessions', { conn: 4 }],
  ])('carries connections: %s', async (_name, flags) => {
    const undo: (() => void | Promise<void>)[] = [];
    try {
      const target = await startEcho((one) => undo.push(one));
      const { conn: _, ...server } = flags as Flags;
      const port = await openTunnel(flags as Flags, { ...server, target: `127.0.0.1:${target}` }, (one) =>
        undo.push(one),
      );
      await Promise.all(Array.from({ length: 5 }, () => exchange(port, 100_000)));
    } finally {
      for (const one of undo.reverse()) await one();
    }
  });

  test('carries a half-close: the answer comes after the end of the question', async ({ onTestFinished }) => {
    const answering = createServer({ allowHalfOpen: true }, (socket) => {
      let bytes = 0;
      socket.on('data', (chunk) => (bytes += chunk.length)).on('end', () => socket.end(`${bytes} bytes`));
    }).listen(0, '127.0.0.1');
    await once(answering, 'listening');
    onTestFinished(() => void answering.close());
    const { port: target } = answering.address() as { port: number };
    const socket = await connected(await openTunnel({}, { target: `127.0.0.1:${target}` }, onTestFinished));
    socket.end(new Uint8Array(12_345));
    expect(Buffer.concat(await socket.toArray()).toString()).toBe('12345 bytes');
  });

  test('has Unix sockets at both ends', async ({ onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), 'rxkcp-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [here, there] = [join(folder, 'here.sock'), join(folder, 'there.sock')];
    const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(there);
    await once(echo, 'listening');
    onTestFinished(() => void echo.close());
    await openTunnel({ localaddr: here }, { target: there }, onTestFinished);
    const socket = connect(here);
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    socket.destroy();
  });

  test('is a SOCKS5 proxy with --target socks5', async ({ onTestFinished }) => {
    const target = await startEcho(onTestFinished);
    const port = await openTunnel({}, { target: 'socks5' }, onTestFinished);
    const ask = async (...request: number[]): Promise<[Buffer, Awaited<ReturnType<typeof connected>>]> => {
      const socket = await connected(port);
      socket.write(Uint8Array.of(5, 1, 0));
      expect([...(await once(socket, 'data'))[0]]).toEqual([5, 0]);
      socket.write(Uint8Array.from(request));
      return [(await once(socket, 'data'))[0], socket];
    };
    const name = Buffer.from('localhost');
    for (const address of [
      [1, 127, 0, 0, 1],
      [3, name.length, ...name],
    ]) {
      const [reply, socket] = await ask(5, 1, 0, ...address, target >> 8, target & 255);
      expect(reply[1]).toBe(0);
      socket.write('through');
      expect(String((await once(socket, 'data'))[0])).toBe('through');
      socket.destroy();
    }
    const [refused] = await ask(5, 2, 0, 1, 127, 0, 0, 1, 0, 80);
    expect(refused[1]).toBe(7);
    const free = await freePort();
    const [unreachable] = await ask(5, 1, 0, 1, 127, 0, 0, 1, free >> 8, free & 255);
    expect(unreachable[1]).toBe(4);
  });

  test('drains: no new connections, the old ones to their end', async ({ onTestFinished }) => {
    const silent = { say() {}, detail() {} };
    const target = await startEcho(onTestFinished);
    const [udp, port] = [await freePort(), await freePort()];
    const server = await openTunnelServer(
      tunnelSettings('server', { listen: `127.0.0.1:${udp}`, target: `127.0.0.1:${target}`, mode: 'fast3' }),
      silent,
    );
    const client = await openTunnelClient(
      tunnelSettings('client', { localaddr: `127.0.0.1:${port}`, remoteaddr: `127.0.0.1:${udp}`, mode: 'fast3' }),
      silent,
    );
    onTestFinished(() => {
      client.close();
      server.close();
    });
    const socket = await connected(port);
    socket.write('before');
    await once(socket, 'data');
    expect([client.streams(), server.streams()]).toEqual([1, 1]);
    client.drain();
    server.drain();
    socket.write('after');
    expect(String((await once(socket, 'data'))[0])).toBe('after');
    const late = connect(port, '127.0.0.1');
    expect((await once(late, 'error'))[0].code).toBe('ECONNREFUSED');
    socket.end().resume();
    await once(socket, 'close');
    await expect.poll(() => client.streams() + server.streams()).toBe(0);
  });
});
