import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Observable } from 'rxjs';
import { type Hub, type Link, resetSnmp, snmp } from 'rxkcp';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openDgramHub, openDgramLink } from '../../../src/link/udp/dgram.ts';
import { DatagramSender } from '../../../src/link/udp/dgram-sender.ts';
import { eventually } from '../../support/eventually.ts';
import { text, words } from '../../support/marbles.ts';

const { getSendQueueSize } = Socket.prototype;
const cleanups: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  Socket.prototype.getSendQueueSize = getSendQueueSize;
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  cleanups.push(() => socket.close());
  await once(socket, 'listening');
  return socket;
}

/** A socket, and the words of each datagram that it has received. */
async function receiver(): Promise<{ readonly port: number; readonly received: string[] }> {
  const socket = await boundSocket();
  const received: string[] = [];
  socket.on('message', (datagram) => received.push(words(datagram)));
  return { port: socket.address().port, received };
}

/** What `opening` emits, open for the time of a test. */
function opened<T extends Link | Hub>(opening: Observable<T>): Promise<T> {
  return new Promise((resolve, error) => {
    const subscription = opening.subscribe({ next: resolve, error });
    cleanups.push(() => subscription.unsubscribe());
  });
}

/** As on Deno. */
function withoutQueueSize(): void {
  Socket.prototype.getSendQueueSize = undefined as never;
}

describe('a sender of datagrams', () => {
  test('sends through sockets that do not report their queue, from memory that is not used again', async () => {
    withoutQueueSize();
    const { port, received } = await receiver();
    const link = await opened(openDgramLink({ port }));
    const hub = await opened(openDgramHub({ host: '127.0.0.1', port: 0 }));
    for (const { sendsInOrder, memory } of [link, hub])
      expect({ sendsInOrder, memory }).toEqual({ sendsInOrder: false });
    link.outgoing.next([text('from a link')]);
    hub.outgoing.next({ peer: { address: '127.0.0.1', port }, burst: [text('from a hub')] });
    new DatagramSender(await boundSocket(), false).send([text('from a lent socket')], port, '127.0.0.1');
    await eventually(() => expect(received.sort()).toEqual(['from a hub', 'from a lent socket', 'from a link']));
  });

  test('passes errors of the socket on, and still sends afterwards', async () => {
    const { port, received } = await receiver();
    const socket = await boundSocket();
    const sender = new DatagramSender(socket, false);
    const failure = new TypeError('not a datagram');
    vi.spyOn(socket, 'send').mockImplementationOnce(() => {
      throw failure;
    });
    expect(() => sender.send([text('x')], port, '127.0.0.1')).toThrow(failure);
    sender.send([text('y')], port, '127.0.0.1');
    await eventually(() => expect(received).toEqual(['y']));
  });

  test('drops what it is given once the socket is closed', () => {
    const socket = createSocket('udp4');
    const sender = new DatagramSender(socket, false);
    socket.close();
    for (let i = 0; i < 2; i++) expect(() => sender.send([text('x')], 9, '127.0.0.1')).not.toThrow();
  });
});

test('a datagram from port 0, which cannot be answered, is dropped and counted', async () => {
  const socket = await boundSocket();
  const hub = await opened(openDgramHub({ socket }));
  const seen: string[] = [];
  const subscription = hub.incoming.subscribe(({ burst }) => seen.push(...burst.map(words)));
  cleanups.push(() => subscription.unsubscribe());
  resetSnmp();
  for (const port of [0, 5]) socket.emit('message', text(`from ${port}`), { address: '127.0.0.1', port });
  await eventually(() => expect(seen).toEqual(['from 5']));
  expect(snmp().InErrs).toBe(1);
});
