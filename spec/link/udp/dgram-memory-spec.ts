// Whose the memory of datagrams is, over node:dgram.

import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { firstValueFrom, type Observable } from 'rxjs';
import { type Address, connect, type Hub, type Link, listen, type Session, salsa20 } from 'rxkcp';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openDgramHub, openDgramLink } from '../../../src/link/udp/dgram.ts';
import { text, words } from '../../support/marbles.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** What `opening` emits, open for the time of a test. */
function opened<T extends Link | Hub>(opening: Observable<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const subscription = opening.subscribe({
      next: (link) => {
        const listening = (link.incoming as Observable<unknown>).subscribe();
        cleanups.push(() => listening.unsubscribe());
        resolve(link);
      },
      error: reject,
    });
    cleanups.push(() => subscription.unsubscribe());
  });
}

async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  cleanups.push(() => socket.close());
  await once(socket, 'listening');
  return socket;
}

describe('a socket made for a link or a hub', () => {
  test('sends in order, and has memory for what it sends', async () => {
    const link = await opened(openDgramLink({ port: 9 }));
    const hub = await opened(openDgramHub({ host: '127.0.0.1', port: 0 }));
    for (const { sendsInOrder, memory } of [link, hub]) {
      expect({ sendsInOrder, memory }).toEqual({ sendsInOrder: true, memory: expect.anything() });
    }
  });

  test.each([
    [0, 'from the front again when all has left'],
    [1400, 'on behind what waits in the socket'],
  ])('has %i bytes to send: its memory is written to %s', async (waiting) => {
    const { memory, outgoing } = (await opened(
      openDgramLink({ port: (await boundSocket()).address().port }),
    )) as Required<Link>;
    vi.spyOn(Socket.prototype, 'getSendQueueSize').mockReturnValue(waiting);
    memory?.reserve(1400);
    if (memory !== undefined) memory.offset += 1400;
    outgoing.next([new Uint8Array(1400)]);
    expect(memory?.offset).toBe(waiting);
  });
});

describe('a socket of the user’s', () => {
  test('promises no order, and has no memory', async () => {
    const link = await opened(openDgramLink({ port: 9, socket: await boundSocket() }));
    const hub = await opened(openDgramHub({ socket: await boundSocket() }));
    for (const { sendsInOrder, memory } of [link, hub]) {
      expect({ sendsInOrder, memory }).toEqual({ sendsInOrder: false, memory: undefined });
    }
  });

  test('shows others what came, not what was made of it', async () => {
    const cipher = salsa20(new Uint8Array(32).fill(1));
    const address = await new Promise<Address>((onListening, error) => {
      const server = listen({ host: '127.0.0.1', port: 0, cipher, onListening }).subscribe({
        next: (session) => session.subscribe(session),
        error,
      });
      cleanups.push(() => server.unsubscribe());
    });
    const socket = await boundSocket();
    const heard: { now: Buffer; asItCame: string }[] = [];
    socket.on('message', (datagram) => heard.push({ now: datagram, asItCame: datagram.toString('hex') }));
    const session = await new Promise<Session>((resolve, error) => {
      const client = connect({ socket, port: address.port, host: address.address, cipher }).subscribe({
        next: resolve,
        error,
      });
      cleanups.push(() => client.unsubscribe());
    });
    const echoed = firstValueFrom(session);
    session.next(text('hello'));
    expect(words(await echoed)).toBe('hello');
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.map(({ now }) => now.toString('hex'))).toEqual(heard.map(({ asItCame }) => asItCame));
  });
});
