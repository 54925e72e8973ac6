// Opening sockets of node:dgram: making, binding and tuning them, and closing those that are not wanted any more.

import { createSocket, type Socket, type SocketOptions as SocketOptionsOfNode } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Subscriber } from 'rxjs';
import { RxkcpError, SocketError } from '../../errors.ts';
import { socketFailure } from './failure.ts';
import { allowListener } from './listener-limit.ts';
import { SOCKET_BUFFER_DEFAULT, type SocketOptions } from './options.ts';

/** A socket that is being opened. If its subscriber leaves before the link or hub is subscribed to, the socket is closed. */
export class Opening<T> {
  readonly #subscriber: Subscriber<T>;
  /** What is to be bound, in words. */
  readonly #local: string;
  #socket: Socket | undefined;
  #disallow = (): void => {};

  constructor(subscriber: Subscriber<T>, closeSocket: boolean, local: string) {
    this.#subscriber = subscriber;
    this.#local = local;
    subscriber.add(() => {
      const socket = this.#release();
      if (closeSocket && socket !== undefined) closeQuietly(socket);
    });
  }

  begin(socket: Socket): void {
    this.#socket = socket;
    this.#disallow = allowListener(socket);
    socket.on('error', this.fail);
  }

  /** The socket is ready. `make` makes what uses it, and calls `taken` when it takes it over. */
  end(make: (taken: () => void) => T): void {
    let made: T;
    try {
      made = make(() => this.#release());
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.#subscriber.next(made);
  }

  #release(): Socket | undefined {
    const socket = this.#socket;
    if (socket === undefined) return undefined;
    this.#socket = undefined;
    socket.off('error', this.fail);
    this.#disallow();
    return socket;
  }

  readonly fail = (error: Error): void => {
    this.#subscriber.error(error instanceof RxkcpError ? error : socketFailure(error, this.#local));
  };
}

/** @throws SocketError if a lent socket is connected: such a socket sends to its one peer only. */
export function requireUnconnected(socket: Socket): void {
  try {
    socket.remoteAddress();
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    return;
  }
  throw new SocketError('the socket is connected to a peer; give connect or listen an unconnected one');
}

/** ms that a runtime may take to connect a socket, which needs no packet. */
const CONNECT_MAX = 5000;

/** Connects a socket to its peer. A runtime that neither does it nor says why not counts as a failure, too. */
export function connectSocket(socket: Socket, port: number, address: string, done: (error?: Error) => void): void {
  const timer = setTimeout(() => {
    done(new SocketError('this runtime did not connect the socket: nothing could be sent'));
  }, CONNECT_MAX);
  const stop = (): void => clearTimeout(timer);
  socket.once('close', stop);
  socket.connect(port, address, (error?: Error) => {
    stop();
    socket.off('close', stop);
    done(error);
  });
}

export function newSocket(address: string, reusePort = false): Socket {
  const options: SocketOptionsOfNode & { reusePort: boolean } = {
    type: isIPv6(address) ? 'udp6' : 'udp4',
    // Addresses are resolved when they come here; this spares each datagram a trip through the resolver's queue. Deno takes `null`
    // for an error.
    lookup: (resolved, _family, callback) => callback(undefined as unknown as null, resolved, 0),
    // Of Node 22.12, 23.1 and later; older ones do not look at it.
    reusePort,
  };
  return createSocket(options);
}

/** Sets both kernel buffers, or as much of them as the system grants. */
export function setBuffers(socket: Socket, options: SocketOptions): void {
  const { recvBufferSize = SOCKET_BUFFER_DEFAULT, sendBufferSize = SOCKET_BUFFER_DEFAULT } = options;
  grant(recvBufferSize, (size) => socket.setRecvBufferSize(size));
  grant(sendBufferSize, (size) => socket.setSendBufferSize(size));
}

function grant(wanted: number, set: (size: number) => void): void {
  for (let size = wanted; size >= 65_536; size >>>= 1) {
    try {
      set(size);
      return;
    } catch (error) {
      // Some systems refuse what is over their limit instead of cutting it.
      if (!isOfSystem(error)) throw error;
    }
  }
}

/** Whether the system or the socket's state is the reason, as opposed to a mistake in a program. */
function isOfSystem(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === 'string';
}

export function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch (error) {
    // Closed already, by someone else.
    if (!isOfSystem(error)) throw error;
  }
}
