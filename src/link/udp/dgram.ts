// UDP by node:dgram: wherever there is no native link, and for sockets of the caller's.

import { createSocket, type RemoteInfo, type Socket, type SocketOptions as SocketOptionsOfNode } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIPv6, SocketAddress } from 'node:net';
import { Observable, type Subscriber } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import { ReusedMemory } from '../../bytes/reused-memory.ts';
import type { PacketMemory } from '../../bytes/slab.ts';
import { processCounters } from '../../counters/process.ts';
import { HostNotFoundError, SocketClosedError } from '../../errors.ts';
import { MTU_MAX } from '../../limits.ts';
import { type Address, addressKey, type Hub, type Link, type PeerBurst } from '../link.ts';
import { socketFailure } from './failure.ts';
import { SOCKET_BUFFER_DEFAULT, type SocketOptions, type UdpConnectOptions, type UdpListenOptions } from './options.ts';

/** Bytes the kernel may leave with us because its own buffer is full; beyond that datagrams are dropped. */
const SEND_QUEUE_MAX = 4 * 1024 * 1024;
/** What a flight of 128 packets takes, with a third as much parity; what is more has memory of its own. */
const MEMORY_BYTES = 256 * 1024;

/** Emits a link to the peer once its socket is ready. The link closes the socket when it is unsubscribed from. */
export function openDgramLink(options: UdpConnectOptions): Observable<Link> {
  const { host = '127.0.0.1', port, family = 0, localPort = 0, closeSocket = options.socket === undefined } = options;
  const lent = options.socket as Socket | undefined;
  return new Observable((subscriber) => {
    const opening = new Opening(subscriber, closeSocket, `port ${localPort}`);
    if (lent !== undefined) opening.begin(lent);
    lookup(host, { family }, (error, address) => {
      if (subscriber.closed) return;
      if (error !== null) {
        subscriber.error(new HostNotFoundError(host, { cause: error }));
        return;
      }
      if (lent !== undefined) {
        opening.end((taken) => new UdpLink(lent, { address, port }, 'lent', closeSocket, taken));
        return;
      }
      const own = newSocket(address);
      opening.begin(own);
      own.bind({ port: localPort, exclusive: true }, () => {
        const connected = (error?: Error): void => {
          if (error) {
            opening.fail(error);
            return;
          }
          setBuffers(own, options);
          opening.end((taken) => new UdpLink(own, { address, port }, 'own', true, taken));
        };
        own.connect(port, address, connected);
      });
    });
  });
}

/** Emits a hub once its socket is bound. The hub closes the socket when it is unsubscribed from. */
export function openDgramHub(options: UdpListenOptions): Observable<Hub> {
  const { host = '0.0.0.0', port = 0, closeSocket = options.socket === undefined } = options;
  const lent = options.socket as Socket | undefined;
  return new Observable((subscriber) => {
    const opening = new Opening(subscriber, closeSocket, `${host} port ${port}`);
    if (lent !== undefined) {
      opening.begin(lent);
      opening.end((taken) => new UdpHub(lent, 'lent', closeSocket, taken));
      return;
    }
    lookup(host, (error, address) => {
      if (subscriber.closed) return;
      if (error !== null) {
        subscriber.error(new HostNotFoundError(host, { cause: error }));
        return;
      }
      const own = newSocket(address, options.reusePort);
      opening.begin(own);
      // Never a cluster's socket: whichever worker wakes up first takes the next datagram from that, whoever has its session.
      own.bind({ port, address, exclusive: true }, () => {
        setBuffers(own, options);
        opening.end((taken) => new UdpHub(own, 'own', true, taken));
      });
    });
  });
}

/** A socket on its way to whoever subscribes to what comes in. Who gives up before leaves none behind. */
class Opening<T> {
  readonly #subscriber: Subscriber<T>;
  /** What is to be bound, in words. */
  readonly #local: string;
  #socket: Socket | undefined = undefined;

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
    socket.setMaxListeners(socket.getMaxListeners() + 1).on('error', this.fail);
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
    this.#socket = undefined;
    socket?.setMaxListeners(socket.getMaxListeners() - 1).off('error', this.fail);
    return socket;
  }

  readonly fail = (error: Error): void => {
    this.#subscriber.error(socketFailure(error, this.#local));
  };
}

/** Whether a socket was made here. Of one that was not, others may hear, too, and it may send later than it is told. */
type Whose = 'own' | 'lent';

/** A socket and one peer. */
class UdpLink implements Link {
  readonly memory: PacketMemory | undefined;
  readonly incoming: Observable<Burst>;
  readonly outgoing: Link['outgoing'];
  readonly sendsInOrder: boolean;
  readonly local: Address;
  readonly remote: Address;

  /** An own socket is connected: the kernel filters for us, and needs no address for each datagram. */
  constructor(socket: Socket, remote: Address, whose: Whose, closeSocket: boolean, taken: () => void) {
    const connected = whose === 'own';
    this.local = localAddress(socket);
    this.remote = isIPv6(this.local.address) ? { ...remote, address: asIPv6(remote.address) } : remote;
    const { address, port } = this.remote;
    const outlet = new Outlet(socket);
    this.sendsInOrder = connected;
    this.memory = connected ? outlet.memory : undefined;
    this.outgoing = { next: (burst) => (connected ? outlet.send(burst) : outlet.send(burst, port, address)) };
    this.incoming = new Observable((subscriber) => {
      taken();
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
  readonly memory: PacketMemory | undefined;
  readonly incoming: Observable<PeerBurst>;
  readonly outgoing: Hub['outgoing'];
  readonly sendsInOrder: boolean;
  readonly local: Address;

  constructor(socket: Socket, whose: Whose, closeSocket: boolean, taken: () => void) {
    this.local = localAddress(socket);
    const outlet = new Outlet(socket);
    this.sendsInOrder = whose === 'own';
    this.memory = this.sendsInOrder ? outlet.memory : undefined;
    this.outgoing = { next: ({ peer, burst }) => outlet.send(burst, peer.port, peer.address) };
    this.incoming = new Observable((subscriber) => {
      taken();
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
        const key = addressKey(from);
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
  /** For datagrams that are written to be sent: from the front again whenever the socket has sent all it was given. */
  readonly memory = new ReusedMemory(MEMORY_BYTES);
  readonly #socket: Socket;
  #open = true;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends to `port` and `address`, or to the peer the socket is connected to. */
  send(burst: Burst, port?: number, address?: string): void {
    if (!this.#open) return;
    try {
      if (this.#socket.getSendQueueSize() > SEND_QUEUE_MAX) {
        processCounters().InErrs += burst.length;
        return;
      }
      for (const packet of burst) {
        if (port === undefined) this.#socket.send(packet);
        else this.#socket.send(packet, port, address);
      }
      if (this.#socket.getSendQueueSize() === 0) this.memory.offset = 0;
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
  // A lent socket may serve many.
  socket.setMaxListeners(socket.getMaxListeners() + 1);
  socket.on('message', onMessage).on('error', onError).on('close', onClose);
  return () => {
    outlet.close();
    socket.off('message', onMessage).off('close', onClose);
    socket.setMaxListeners(socket.getMaxListeners() - 1);
    // Not before what was sent last has left: a socket with a resolver of its own sends a moment later.
    if (closeSocket) setImmediate(() => closeQuietly(socket));
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

function newSocket(address: string, reusePort = false): Socket {
  const options: SocketOptionsOfNode & { reusePort: boolean } = {
    type: isIPv6(address) ? 'udp6' : 'udp4',
    // Addresses are resolved when they come here; this spares each datagram a trip through the resolver's queue.
    lookup: (resolved, _family, callback) => callback(null, resolved, 0),
    // Of Node 22.12, 23.1 and later; older ones do not look at it.
    reusePort,
  };
  return createSocket(options);
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

/** An address as sockets of IPv6 name it: in its shortest spelling. */
function asIPv6(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : `::ffff:${address}`;
}

function localAddress(socket: Socket): Address {
  const { address, port } = socket.address();
  return { address, port };
}
