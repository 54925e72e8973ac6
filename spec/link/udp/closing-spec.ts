// Ports of sockets that were unsubscribed from: free at once, and not before the last words have left.

import { createSocket, Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import { lastValueFrom, repeat, tap, toArray } from 'rxjs';
import { type Address, type ConnectOptions, connect, type ListenOptions, listen, type Session } from 'rxkcp';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { text, words } from '../../support/marbles.ts';
import { describeLinks } from '../../support/native.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A server on 127.0.0.1: its address, and what stops it. */
function serve(options: Partial<ListenOptions>): Promise<Address & { readonly stop: () => void }> {
  return new Promise((resolve, error) => {
    const stop = (): void => subscription.unsubscribe();
    const onListening = (local: Address): void => resolve({ ...local, stop });
    const subscription = listen({ host: '127.0.0.1', port: 0, ...options, onListening }).subscribe({ error });
    cleanups.push(stop);
  });
}

function dial(options: ConnectOptions): Promise<Session> {
  return new Promise((resolve, error) => {
    const subscription = connect({ mode: 'fast3', ...options }).subscribe({ next: resolve, error });
    cleanups.push(() => subscription.unsubscribe());
  });
}

async function bound(options: Partial<SocketOptions> = {}): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', ...options }).bind(0, '127.0.0.1');
  cleanups.push(() => {
    try {
      socket.close();
    } catch {
      // Its session has closed it.
    }
  });
  await once(socket, 'listening');
  return socket;
}

/** Data of the PUSH segments that a socket has received. */
async function receiver(): Promise<{ readonly port: number; readonly received: string[] }> {
  const socket = await bound();
  const received: string[] = [];
  socket.on('message', (datagram) => received.push(words(datagram.subarray(24))));
  return { port: socket.address().port, received };
}

describeLinks(() => {
  test('a server that is unsubscribed from has its port again at once', async () => {
    let { port, stop } = await serve({});
    for (let i = 0; i < 10; i++) {
      stop();
      ({ stop } = await serve({ port }));
    }
  });

  test('a client comes back from its localPort at once, and its last words arrive', async () => {
    const { port, received } = await receiver();
    const localPort = await freePort();
    const ports = connect({ port, localPort, writeDelay: true }).pipe(
      tap((session) => {
        session.next(text('last words'));
        setImmediate(() => session.close());
      }),
      repeat(5),
      toArray(),
    );
    await expect(lastValueFrom(ports)).resolves.toHaveLength(5);
    await eventually(() => expect(received).toEqual(Array.from({ length: 5 }, () => 'last words')));
  });

  test.each([
    ['as Node does', undefined],
    ['for a while', 30],
  ])('a lent socket that resolves addresses %s and is closed with its session', async (_, delay) => {
    const { port, received } = await receiver();
    const lookup: SocketOptions['lookup'] = (address, _family, callback) => {
      setTimeout(() => callback(null, address, 4), delay);
    };
    const socket = await bound(delay === undefined ? {} : { lookup });
    const localPort = socket.address().port;
    const session = await dial({ socket, closeSocket: true, port, writeDelay: true });
    session.next(text('last words'));
    session.close();
    // Binds once the socket is closed, and that is not before its datagram has left.
    const again = await serve({ port: localPort });
    expect(again.port).toBe(localPort);
    await eventually(() => expect(received).toEqual(['last words']));
    expect(socket.listenerCount('error')).toBe(0);
  });

  test('unsubscribing while a port is waited for binds nothing', async () => {
    const { port } = await receiver();
    const lookup: SocketOptions['lookup'] = (address, _family, callback) => {
      setTimeout(() => callback(null, address, 4), 20);
    };
    const socket = await bound({ lookup });
    const localPort = socket.address().port;
    const session = await dial({ socket, closeSocket: true, port, writeDelay: true });
    session.next(text('last words'));
    session.close();
    const onListening = vi.fn();
    listen({ host: '127.0.0.1', port: localPort, onListening }).subscribe().unsubscribe();
    await serve({ port: localPort });
    expect(onListening).not.toHaveBeenCalled();
  });
});

describe('over node:dgram, a socket in which datagrams wait', () => {
  test.each([
    ['is closed when they have left', 5],
    ['is closed after a second, whatever is left', 100_000],
  ])('%s', async (_, reads) => {
    vi.stubEnv('RXKCP_NATIVE', '0');
    cleanups.push(() => vi.unstubAllEnvs());
    const { port, stop } = await serve({});
    const close = vi.spyOn(Socket.prototype, 'close');
    let left = reads;
    vi.spyOn(Socket.prototype, 'getSendQueueSize').mockImplementation(() => Math.max(--left, 0));
    stop();
    expect(close).not.toHaveBeenCalled();
    await serve({ port });
    expect(close).toHaveBeenCalledTimes(1);
  });
});
