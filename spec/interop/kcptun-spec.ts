// The real kcptun at one end, `rxkcp tunnel` at the other, both ways. Debian's kcptun is of 2021: it has no AEAD ciphers, and no
// `framesize` and `closewait`.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import type { Cleanup } from './support/cleanup.ts';
import { connected, exchange, type Flags, kcptun, startEcho, startEnd, type TunnelEnd } from './support/kcptun.ts';
import { pairwise } from './support/pairwise.ts';
import { describeWith } from './support/peer-presence.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
/** Everywhere a few combinations with little data; where RXKCP_KCPTUN is `all`, as in CI, all of them with much. */
const isFull = process.env.RXKCP_KCPTUN === 'all';
const BYTES = isFull ? 8 * MiB : 256 * KiB;

const COMBINATIONS = pairwise(
  {
    crypt: [
      'aes',
      'aes-128',
      'aes-192',
      'salsa20',
      'blowfish',
      'twofish',
      'cast5',
      '3des',
      'tea',
      'xtea',
      'xor',
      'sm4',
      'none',
    ],
    fec: ['10/3', '0/0', '3/1'],
    mtu: [1350, 1400, 600],
    mode: ['fast3', 'fast2', 'fast', 'normal'],
    nocomp: [true, false],
    smuxver: [1, 2],
  },
  40,
);
const CHOSEN = isFull ? COMBINATIONS : COMBINATIONS.slice(0, 4);
const DIRECTIONS = [
  { client: 'ours', server: 'kcptun' },
  { client: 'kcptun', server: 'ours' },
] as const;

interface Tunnel {
  readonly port: number;
  readonly ends: Readonly<Record<'client' | 'server', TunnelEnd>>;
  /** Starts an end again, with the same flags. */
  restart(role: 'client' | 'server'): Promise<void>;
}

async function openTunnel(
  { client, server }: (typeof DIRECTIONS)[number],
  flags: Flags,
  cleanup: Cleanup,
): Promise<Tunnel> {
  const target = await startEcho(cleanup);
  const [udp, port] = [await freePort(), await freePort()];
  const start = {
    server: () =>
      startEnd(server, 'server', { ...flags, listen: `127.0.0.1:${udp}`, target: `127.0.0.1:${target}` }, cleanup),
    client: () =>
      startEnd(client, 'client', { ...flags, localaddr: `127.0.0.1:${port}`, remoteaddr: `127.0.0.1:${udp}` }, cleanup),
  };
  const ends = { server: await start.server(), client: await start.client() };
  return {
    port,
    ends,
    async restart(role) {
      ends[role] = await start[role]();
    },
  };
}

/** Flags of a combination, with windows that do not make it slow. */
function flagsOf({ fec, ...others }: (typeof COMBINATIONS)[number]): Flags {
  const [datashard, parityshard] = String(fec).split('/').map(Number);
  return {
    ...others,
    datashard: datashard!,
    parityshard: parityshard!,
    sndwnd: 1024,
    rcvwnd: 1024,
    key: 'a shared secret',
  };
}

test('there are 40 combinations, with all pairs of values', () => {
  expect(COMBINATIONS.length).toBeGreaterThanOrEqual(40);
});

describeWith(kcptun, 'kcptun', () => {
  for (const direction of DIRECTIONS) {
    describe(`client ${direction.client}, server ${direction.server}`, () => {
      test.concurrent.each(CHOSEN.map((row) => ({ row, name: Object.values(row).join(' ') })))(
        '$name',
        async ({ row }) => {
          const undo: (() => void | Promise<void>)[] = [];
          try {
            const { port } = await openTunnel(direction, flagsOf(row), (one) => undo.push(one));
            await exchange(port, BYTES);
          } finally {
            for (const one of undo.reverse()) await one();
          }
        },
      );

      test('50 connections at once', async ({ onTestFinished }) => {
        const { port } = await openTunnel(direction, { mode: 'fast3', smuxver: 2 }, onTestFinished);
        await exchange(port, 1000);
        await Promise.all(Array.from({ length: 50 }, () => exchange(port, 50_000)));
      });

      test('the end of a connection ends the other one', async ({ onTestFinished }) => {
        const { port } = await openTunnel(direction, { mode: 'fast3', smuxver: 2 }, onTestFinished);
        const socket = await connected(port);
        socket.write('hello');
        expect(String((await once(socket, 'data'))[0])).toBe('hello');
        socket.end();
        socket.resume();
        await once(socket, 'close');
      });

      // A minute: where it is not asked for, it is not there.
      if (isFull) {
        test.concurrent('60 s without data, kept alive', async ({ onTestFinished }) => {
          const { port } = await openTunnel(direction, { mode: 'fast3', smuxver: 2, keepalive: 5 }, onTestFinished);
          const socket = await connected(port);
          for (const word of ['before', 'after']) {
            socket.write(word);
            expect(String((await once(socket, 'data'))[0])).toBe(word);
            if (word === 'before') await new Promise((resolve) => setTimeout(resolve, 60_000));
          }
          socket.destroy();
        });
      }
    });
  }

  test('a kcptun server that is restarted: connections of our client end, and new ones work within 2 s', async ({
    onTestFinished,
  }) => {
    const tunnel = await openTunnel(DIRECTIONS[0], { mode: 'fast3', smuxver: 2 }, onTestFinished);
    await exchange(tunnel.port, 1000);
    const socket = await connected(tunnel.port);
    socket.on('error', () => {}).resume();
    const load = setInterval(() => socket.write(new Uint8Array(1000)), 10);
    const ended = new Promise<void>((resolve) => socket.on('close', () => resolve())).finally(() =>
      clearInterval(load),
    );
    await tunnel.ends.server.kill();
    await tunnel.restart('server');
    await ended;
    const begun = Date.now();
    await exchange(tunnel.port, 1000);
    expect(Date.now() - begun).toBeLessThan(2000);
  });
});
