// Which address of a host a socket of the user's is given, and how its peer is told by it.

import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { firstValueFrom, lastValueFrom, map } from 'rxjs';
import {
  type Address,
  type ConnectOptions,
  connect,
  HostNotFoundError,
  listen,
  OptionError,
  type Session,
  SocketError,
} from 'rxkcp';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { peerAddress } from '../../../src/link/udp/dgram-peer.ts';
import { text, words } from '../../support/marbles.ts';

/** Addresses of the hosts of these tests, in the order of the system. */
const HOSTS: Record<string, string[]> = {
  'both.test': ['::1', '127.0.0.1'],
  'ipv4.test': ['127.0.0.1'],
  'ipv6.test': ['::1'],
};

type Answer = (error: Error | null, address?: string) => void;

vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  const lookup = (host: string, options: { family: number }, answer: Answer): void => {
    const addresses = HOSTS[host];
    if (addresses === undefined) {
      dns.lookup(host, options, answer);
      return;
    }
    const found = addresses.find((address) => options.family === 0 || address.includes(':') === (options.family === 6));
    process.nextTick(() => (found === undefined ? answer(new Error('ENOTFOUND')) : answer(null, found)));
  };
  return { ...dns, lookup };
});

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function unbound(options: SocketOptions): Socket {
  const socket = createSocket(options);
  cleanups.push(() => socket.close());
  return socket;
}

async function bound(address: string, options: Partial<SocketOptions> = {}): Promise<Socket> {
  const socket = unbound({ type: address.includes(':') ? 'udp6' : 'udp4', ...options }).bind(0, address);
  await once(socket, 'listening');
  return socket;
}

/** A server that echoes, on all addresses of this machine. */
function echo(): Promise<Address> {
  return new Promise((onListening, error) => {
    const subscription = listen({ host: '::', port: 0, mode: 'fast3', onListening }).subscribe({
      next: (session) => session.subscribe(session),
      error,
    });
    cleanups.push(() => subscription.unsubscribe());
  });
}

function dial(options: ConnectOptions): Promise<Session> {
  return new Promise((resolve, error) => {
    const subscription = connect({ mode: 'fast3', ...options }).subscribe({ next: resolve, error });
    cleanups.push(() => subscription.unsubscribe());
  });
}

async function expectEcho(session: Session): Promise<void> {
  session.next(text('hi'));
  await expect(firstValueFrom(session.pipe(map(words)))).resolves.toBe('hi');
}

const IPV4 = '127.0.0.1';
const MAPPED = '::ffff:127.0.0.1';

describe('a socket of the user’s', () => {
  test.each([
    ['0.0.0.0', 'both.test', undefined, IPV4],
    [IPV4, 'both.test', 4, IPV4],
    [IPV4, IPV4, undefined, IPV4],
    [IPV4, MAPPED, undefined, IPV4],
    ['::', 'both.test', undefined, '::1'],
    ['::', 'both.test', 4, MAPPED],
    ['::', 'both.test', 6, '::1'],
    ['::', 'ipv4.test', undefined, MAPPED],
    ['::', IPV4, 4, MAPPED],
    ['::', '0::ffff:7f00:1', undefined, MAPPED],
    ['::', '0:0:0:0:0:0:0:1', undefined, '::1'],
    ['::1', 'both.test', undefined, '::1'],
    [MAPPED, 'both.test', undefined, MAPPED],
  ] as const)('bound to %s talks to %s (family %s) at %s', async (local, host, family, remote) => {
    const { port } = await echo();
    const session = await dial({ socket: await bound(local), host, port, family });
    expect(session.remote).toEqual({ address: remote, port });
    await expectEcho(session);
  });

  test('that is ipv6Only talks to the address of family 6', async () => {
    HOSTS['ipv4-first.test'] = [IPV4, '::1'];
    const { port } = await echo();
    const socket = await bound('::', { ipv6Only: true });
    await expectEcho(await dial({ socket, host: 'ipv4-first.test', port, family: 6 }));
  });

  test.each([
    [IPV4, 'ipv6.test', undefined, 4],
    [IPV4, '::1', undefined, 4],
    ['::1', 'ipv4.test', undefined, 6],
    ['::1', IPV4, undefined, 6],
    ['::', IPV4, 6, 6],
    ['::', MAPPED, 6, 6],
    ['::', '::1', 4, 4],
    [MAPPED, '::1', undefined, 4],
  ] as const)('bound to %s cannot talk to %s (family %s): an error says so', async (local, host, family, missing) => {
    const socket = await bound(local);
    const dialling = dial({ socket, host, port: 9, family });
    await expect(dialling).rejects.toThrow(HostNotFoundError);
    await expect(dialling).rejects.toThrow(`host ${host} has no IPv${missing} address`);
    expect(socket.listenerCount('error')).toBe(0);
  });

  test.each([
    [IPV4, 6],
    ['::1', 4],
    [MAPPED, 6],
  ] as const)('bound to %s has no use for family %d: an error says so', async (local, family) => {
    const dialling = dial({ socket: await bound(local), host: 'both.test', port: 9, family });
    await expect(dialling).rejects.toThrow(OptionError);
    await expect(dialling).rejects.toMatchObject({ option: 'family' });
  });

  test('may be in the course of being bound', async () => {
    const { port } = await echo();
    const socket = unbound({ type: 'udp4' }).bind();
    await expectEcho(await dial({ socket, host: 'both.test', port }));
  });

  test('that is connected is refused, for a client and for a server', async () => {
    const socket = await bound(IPV4);
    socket.connect(9, IPV4);
    await once(socket, 'connect');
    await expect(dial({ socket, port: 9 })).rejects.toThrow(SocketError);
    await expect(lastValueFrom(listen({ socket }))).rejects.toThrow('the socket is connected to a peer');
  });
});

describe('a link-local peer', () => {
  const [zone, info] =
    Object.entries(networkInterfaces())
      .flatMap(([name, addresses = []]) => addresses.map((address) => [name, address] as const))
      .find(([, { address }]) => address.startsWith('fe80')) ?? [];
  const number = info?.family === 'IPv6' ? `${info.scopeid}` : '';

  test.skipIf(zone === undefined || info === undefined).each([
    ['name', `${zone}`],
    ['number', number],
  ])('is known by its zone, which is the %s of an interface', async (_, spelled) => {
    const { port } = await echo();
    const host = `${info?.address.toUpperCase()}%${spelled}`;
    const session = await dial({ socket: await bound('::'), host, port });
    expect(session.remote).toEqual({ address: `${info?.address}%${zone}`, port });
    await expectEcho(session);
  });

  test.skipIf(zone === undefined || info === undefined)('is known to a socket of our own, too', async () => {
    vi.stubEnv('RXKCP_NATIVE', '0');
    cleanups.push(() => vi.unstubAllEnvs());
    const { port } = await echo();
    const session = await dial({ host: `${info?.address}%${zone}`, port });
    expect(session.remote).toEqual({ address: `${info?.address}%${zone}`, port });
    await expectEcho(session);
  });

  test('has the zone in its address as it was given if no interface has it; other addresses have none', () => {
    expect(peerAddress('::', 'FE80:0::1%none7')).toBe('fe80::1%none7');
    expect(peerAddress('::', 'febf::1%none7')).toBe('febf::1%none7');
    expect(peerAddress('::', 'fe80::1')).toBe('fe80::1');
    expect(peerAddress('::', 'fec0::1%none7')).toBe('fec0::1');
    expect(peerAddress('::', '2001:DB8:0::1%none7')).toBe('2001:db8::1');
  });
});
