// What links and hubs over node:dgram have in common: listening to a socket, and letting go of it.

import type { RemoteInfo, Socket } from 'node:dgram';
import { noop, type Subscriber } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import { processCounters } from '../../counters/process.ts';
import { SocketClosedError } from '../../errors.ts';
import { DATAGRAM_MAX } from '../../limits.ts';
import type { Address } from '../link.ts';
import { closeWhenIdle } from './closing.ts';
import { closeQuietly } from './dgram-opening.ts';
import type { DatagramSender } from './dgram-sender.ts';
import { allowListener } from './listener-limit.ts';

/** Returns what takes the datagrams of one peer, and hands on as one burst those that come before the event loop goes on. */
export function collector(sender: DatagramSender, subscriber: Subscriber<Burst>): (datagram: Uint8Array) => void {
  let burst: Uint8Array[] = [];
  const drain = (): void => {
    const drained = burst;
    burst = [];
    sender.scavenges.received(drained.length);
    subscriber.next(drained);
  };
  return (datagram) => {
    if (burst.push(datagram) === 1) setImmediate(drain);
  };
}

/**
 * Listens to a socket until the function returned is called; with `true`, datagrams that wait in the socket are not sent any more.
 *
 * @param closingPort port of the socket if it is to be closed then.
 * @param failed called with what the socket reports.
 */
export function attach(
  socket: Socket,
  sender: DatagramSender,
  closingPort: number | undefined,
  subscriber: { error(error: unknown): void },
  take: (datagram: Uint8Array, from: RemoteInfo) => void,
  failed: (error: NodeJS.ErrnoException) => void = noop,
): (atOnce?: boolean) => void {
  const onMessage = (datagram: Buffer, from: RemoteInfo): void => {
    // Nothing can be sent to port 0: `send` throws.
    if (datagram.length > DATAGRAM_MAX || from.port === 0) processCounters().InErrs++;
    else take(datagram, from);
  };
  // What a socket reports once it works is about single datagrams (a peer's port unreachable, say): KCP sends again.
  const onError = (error: NodeJS.ErrnoException): void => {
    processCounters().InErrs++;
    failed(error);
  };
  const onClose = (): void => {
    sender.close();
    subscriber.error(new SocketClosedError());
  };
  // A lent socket may serve many.
  const disallow = allowListener(socket);
  socket.on('message', onMessage).on('error', onError).on('close', onClose);
  return (atOnce = false) => {
    sender.close();
    socket.off('message', onMessage).off('close', onClose);
    disallow();
    if (closingPort === undefined) {
      socket.off('error', onError);
      return;
    }
    closeWhenIdle(
      closingPort,
      () => atOnce || sender.isIdle,
      () => {
        // Node tells of an error later than it happens: until then it is heard.
        socket.once('close', () => socket.off('error', onError));
        closeQuietly(socket);
      },
    );
  };
}

export function localAddress(socket: Socket): Address {
  const { address, port } = socket.address();
  return { address, port };
}
