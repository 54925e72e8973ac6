// UDP by node:dgram. The only file that knows sockets; other platforms get udp-unavailable.ts (package imports, #udp).

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIPv6 } from 'node:net';
import { Observable } from 'rxjs';
import { AddressInUseError, HostNotFoundError, SocketClosedError, SocketError } from '../errors.ts';
import { processCounters } from '../metrics.ts';
import { MTU_MAX } from '../options.ts';
import type { Address, Burst, Hub, Link, PeerBurst } from './link.ts';
import {
  SOCKET_BUFFER_DEFAULT,
  type SocketOptions,
  type UdpConnectOptions,
  type UdpListenOptions,
} from './udp-options.ts';

/** Bytes the kernel may leave with us because its own buffer is full; beyond that datagrams are dropped. */
const SEND_QUEUE_MAX = 4 * 1024 * 1024;

/** Emits a link to the peer once its socket is ready. The link closes the socket when it is unsubscribed from. */
export function openUdpLink(options: UdpConnectOptions): Observable<Link> {
  const { host = '127.0.0.1', port, family = 0, localPort = 0, socket, closeSocket = socket === undefined } = options;
  return new Observable((subscriber) => {
    const attempt = new Opening(subscriber, closeSocket);
    lookup(host, { family }, (error, address) => {
      if (subscriber.closed) return;
      if (error !== null) return subscriber.error(new HostNotFoundError(host, { cause: error }));
      const remote: Address = { address, port };
      if (socket !== undefined) {
        attempt.opened(socket, new UdpLink(socket, remote, false, closeSocket));
        return;
      }
      const own = newSocket(address);
      attempt.start(own, `${address} port ${port}`);
      own.bind(localPort, undefined, () => {
        own.connect(port, address, () => {
          setBuffers(own, options);
          attempt.opened(own, new UdpLink(own, remote, true, true));
        });
      });
    });
  });
}

/** Emits a hub once its socket is bound. The hub closes the socket when it is unsubscribed from. */
export function openUdpHub(options: UdpListenOptions): Observable<Hub> {
  const { host = '0.0.0.0', port = 0, socket, closeSocket = socket === undefined } = options;
  return new Observable((subscriber) => {
    const attempt = new Opening(subscriber, closeSocket);
    if (socket !== undefined) {
      attempt.opened(socket, new UdpHub(socket, closeSocket));
      return;
    }
    lookup(host, (error, address) => {
      if (subscriber.closed) return;
      if (error !== null) return subscriber.error(new HostNotFoundError(host, { cause: error }));
      const own = newSocket(address);
      attempt.start(own, `${address} port ${port}`);
      own.bind(port, address, () => {
        setBuffers(own, options);
        attempt.opened(own, new UdpHub(own, true));
      });
    });
  });
}

/** A socket on its way to being ready; owns it until someone takes it over. */
class Opening<T> {
  readonly #subscriber: { next(value: T): void; error(error: unknown): void; add(teardown: () => void): void };
  #socket: Socket | undefined = undefined;
  #failed = (_error: Error): void => {};

  constructor(
    subscriber: { next(value: T): void; error(error: unknown): void; add(teardown: () => void): void },
    closeSocket: boolean,
  ) {
    this.#subscriber = subscriber;
    subscriber.add(() => {
      if (closeSocket) this.#socket?.close();
    });
  }

  start(socket: Socket, where: string): void {
    this.#socket = socket;
    this.#failed = (error) => this.#subscriber.error(typed(error, where));
    socket.once('error', this.#failed);
  }

  opened(socket: Socket, end: T): void {
    socket.off('error', this.#failed);
    this.#socket = undefined;
    this.#subscriber.next(end);
  }
}

/** A socket and one peer. */
class UdpLink implements Link {
  readonly incoming: Observable<Burst>;
  readonly outgoing: Link['outgoing'];
  readonly local: Address;
  readonly remote: Address;

  /** @param connected whether the kernel knows the peer: it filters, and needs no address for each datagram. */
  constructor(socket: Socket, remote: Address, connected: boolean, closeSocket: boolean) {
    const { address, port } = remote;
    this.remote = remote;
    this.local = localAddress(socket);
    const outlet = new Outlet(socket);
    this.outgoing = { next: (burst) => (connected ? outlet.send(burst) : outlet.send(burst, port, address)) };
    this.incoming = new Observable((subscriber) => {
      let burst: Uint8Array[] = [];
      const drain = (): void => {
        const drained = burst;
        burst = [];
        subscriber.next(drained);
      };
      return attach(socket, outlet, closeSocket, subscriber, (datagram, from) => {
        if (!connected && (from.port !== port || from.address !== address)) return;
        if (burst.push(datagram) === 1) setImmediate(drain);
      });
    });
  }
}

/** A socket and all that talk to it. */
class UdpHub implements Hub {
  readonly incoming: Observable<PeerBurst>;
  readonly outgoing: Hub['outgoing'];
  readonly local: Address;

  constructor(socket: Socket, closeSocket: boolean) {
    this.local = localAddress(socket);
    const outlet = new Outlet(socket);
    this.outgoing = { next: ({ peer, burst }) => outlet.send(burst, peer.port, peer.address) };
    this.incoming = new Observable((subscriber) => {
      let bursts = new Map<string, { peer: Address; burst: Uint8Array[] }>();
      let latest: { peer: Address; burst: Uint8Array[] } | undefined;
      const drain = (): void => {
        const drained = bursts;
        bursts = new Map();
        latest = undefined;
        for (const peerBurst of drained.values()) subscriber.next(peerBurst);
      };
      return attach(socket, outlet, closeSocket, subscriber, (datagram, from) => {
        if (latest !== undefined && latest.peer.port === from.port && latest.peer.address === from.address) {
          latest.burst.push(datagram);
          return;
        }
        if (bursts.size === 0) setImmediate(drain);
        const key = `${from.address}|${from.port}`;
        latest = bursts.get(key);
        if (latest === undefined) {
          latest = { peer: { address: from.address, port: from.port }, burst: [] };
          bursts.set(key, latest);
        }
        latest.burst.push(datagram);
      });
    });
  }
}

/** The sending side of a socket, which may be closed at any time, by us or by its owner. */
class Outlet {
  readonly #socket: Socket;
  #open = true;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends to `port` and `address`, or to the peer the socket is connected to. */
  send(burst: Burst, port?: number, address?: string): void {
    if (!this.#open) return;
    try {
      if (this.#socket.getSendQueueSize() > SEND_QUEUE_MAX) return;
      for (const packet of burst) {
        if (port === undefined) this.#socket.send(packet);
        else this.#socket.send(packet, port, address);
      }
    } catch {
      // Closed, though its `close` event is yet to come: that one tells the session.
      this.#open = false;
    }
  }

  close(): void {
    this.#open = false;
  }
}

/** Listens to a socket until the function returned is called. */
function attach(
  socket: Socket,
  outlet: Outlet,
  closeSocket: boolean,
  subscriber: { error(error: unknown): void },
  take: (datagram: Uint8Array, from: RemoteInfo) => void,
): () => void {
  const onMessage = (datagram: Buffer, from: RemoteInfo): void => {
    if (datagram.length > MTU_MAX) processCounters().InErrs++;
    else take(datagram, from);
  };
  // What a socket reports once it works is about single datagrams (a peer's port unreachable, say): KCP sends again.
  const onError = (): void => {
    processCounters().InErrs++;
  };
  const onClose = (): void => {
    outlet.close();
    subscriber.error(new SocketClosedError());
  };
  socket.on('message', onMessage).on('error', onError).on('close', onClose);
  return () => {
    outlet.close();
    socket.off('message', onMessage).off('close', onClose);
    if (closeSocket) closeQuietly(socket);
    else socket.off('error', onError);
  };
}

function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // Closed already, by someone else.
  }
}

function newSocket(address: string): Socket {
  return createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    // Addresses are resolved when they come here; this spares each datagram a trip through the resolver's queue.
    lookup: (resolved, _family, callback) => callback(null, resolved, 0),
  });
}

/** Sets both kernel buffers, or as much of them as the system grants. */
function setBuffers(socket: Socket, options: SocketOptions): void {
  const { recvBufferSize = SOCKET_BUFFER_DEFAULT, sendBufferSize = SOCKET_BUFFER_DEFAULT } = options;
  grant(recvBufferSize, (size) => socket.setRecvBufferSize(size));
  grant(sendBufferSize, (size) => socket.setSendBufferSize(size));
}

function grant(wanted: number, set: (size: number) => void): void {
  for (let size = wanted; size >= 65_536; size >>>= 1) {
    try {
      set(size);
      return;
    } catch {
      // Some systems refuse what is over their limit instead of cutting it.
    }
  }
}

function localAddress(socket: Socket): Address {
  const { address, port } = socket.address();
  return { address, port };
}

function typed(error: Error, where: string): SocketError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new AddressInUseError(where, { cause: error });
  return new SocketError(`no socket for ${where}: ${error.message}`, { cause: error });
}
