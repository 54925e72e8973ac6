// UDP by node:dgram: wherever there is no native link, and for sockets of the caller's.

import type { RemoteInfo, Socket } from 'node:dgram';
import { lookup } from 'node:dns';
import { noop, Observable } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import type { PacketMemory } from '../../bytes/slab.ts';
import { processCounters } from '../../counters/process.ts';
import { ConnectionRefusedError, HostNotFoundError, LinkInUseError, SocketClosedError } from '../../errors.ts';
import { DATAGRAM_MAX } from '../../limits.ts';
import { type Address, addressKey, type Hub, type Link, type PeerBurst } from '../link.ts';
import { closeWhenIdle } from './closing.ts';
import { closeQuietly, connectSocket, newSocket, Opening, requireUnconnected, setBuffers } from './dgram-opening.ts';
import { type Family, familyOfPeers, peerAddress } from './dgram-peer.ts';
import { DatagramSender } from './dgram-sender.ts';
import { allowListener } from './listener-limit.ts';
import type { UdpConnectOptions, UdpListenOptions } from './options.ts';

/**
 * Emits a link to the peer once its socket is ready. The link closes the socket when it is unsubscribed from.
 *
 * @param isRefusable see `openNativeLink`. Of a lent socket the system says nothing, or not about whom.
 */
export function openDgramLink(options: UdpConnectOptions, isRefusable = false): Observable<Link> {
  return options.socket === undefined
    ? openOwnLink(options, isRefusable)
    : openLentLink(options.socket as Socket, options);
}

function openOwnLink(options: UdpConnectOptions, isRefusable: boolean): Observable<Link> {
  const { host = '127.0.0.1', port, family = 0, localPort = 0 } = options;
  return new Observable((subscriber) => {
    const opening = new Opening(subscriber, true, `port ${localPort}`);
    lookup(host, { family }, (error, address) => {
      if (subscriber.closed) return;
      if (error !== null) {
        subscriber.error(new HostNotFoundError(host, { cause: error }, family));
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
          const remote = { address: peerAddress(own.address().address, address) ?? address, port };
          opening.end((taken) => new UdpLink(own, remote, 'own', true, taken, isRefusable));
        };
        connectSocket(own, port, address, connected);
      });
    });
  });
}

function openLentLink(lent: Socket, options: UdpConnectOptions): Observable<Link> {
  const { host = '127.0.0.1', port, family: wanted = 0, closeSocket = false } = options;
  return new Observable((subscriber) => {
    const opening = new Opening(subscriber, closeSocket, 'the socket');
    const resolve = (): void => {
      if (subscriber.closed) return;
      let family: Family;
      try {
        family = familyOfPeers(lent, wanted);
      } catch (error) {
        opening.fail(error as Error);
        return;
      }
      lookup(host, { family }, (error, address) => {
        if (subscriber.closed) return;
        opening.end((taken) => {
          // (The resolver's answer to an IP address is that address, whatever the family.)
          const peer = error === null ? peerAddress(lent.address().address, address, family) : undefined;
          if (peer === undefined) throw new HostNotFoundError(host, { cause: error }, family);
          const remote = { address: peer, port };
          if (peersOf(lent).has(addressKey(remote))) throw new LinkInUseError();
          return new UdpLink(lent, remote, 'caller', closeSocket, taken);
        });
      });
    };
    opening.begin(lent);
    // A socket whose `bind` has just been called is bound in the next tick.
    process.nextTick(resolve);
  });
}

/** Of lent sockets: with whom sessions go on over them. Two with one peer would take each other's datagrams. */
const lentPeers = new WeakMap<Socket, Set<string>>();

function peersOf(lent: Socket): Set<string> {
  const peers = lentPeers.get(lent) ?? new Set();
  lentPeers.set(lent, peers);
  return peers;
}

/** Emits a hub once its socket is bound. The hub closes the socket when it is unsubscribed from. */
export function openDgramHub(options: UdpListenOptions): Observable<Hub> {
  const { host = '0.0.0.0', port = 0, closeSocket = options.socket === undefined } = options;
  const lent = options.socket as Socket | undefined;
  return new Observable((subscriber) => {
    const opening = new Opening(subscriber, closeSocket, `${host} port ${port}`);
    if (lent !== undefined) {
      opening.begin(lent);
      opening.end((taken) => new UdpHub(lent, 'caller', closeSocket, taken));
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

/** Who created a socket. A lent socket is the caller's: it may have other users, and may send some time after `send` returns. */
type SocketOwner = 'own' | 'caller';

/** A socket and one peer. */
class UdpLink implements Link {
  readonly sendsInOrder: boolean;
  readonly local: Address;
  readonly remote: Address;
  readonly #socket: Socket;
  readonly #sender: DatagramSender;
  readonly #isConnected: boolean;
  readonly #closeSocket: boolean;
  readonly #taken: () => void;
  #isRefusable: boolean;

  /** An own socket is connected: the kernel filters for us, and needs no address for each datagram. */
  constructor(
    socket: Socket,
    remote: Address,
    owner: SocketOwner,
    closeSocket: boolean,
    taken: () => void,
    isRefusable = false,
  ) {
    this.#isRefusable = isRefusable;
    this.#isConnected = owner === 'own';
    if (!this.#isConnected) requireUnconnected(socket);
    this.local = localAddress(socket);
    this.remote = remote;
    this.#socket = socket;
    this.#sender = new DatagramSender(socket, owner === 'caller' && closeSocket);
    this.#closeSocket = closeSocket;
    this.#taken = taken;
    this.sendsInOrder = this.#isConnected && this.#sender.reportsQueue;
  }

  get memory(): PacketMemory | undefined {
    return this.sendsInOrder ? this.#sender.memory : undefined;
  }

  get outgoing(): this {
    return this;
  }

  next(burst: Burst): void {
    const { address, port } = this.remote;
    if (this.#isConnected) this.#sender.send(burst);
    else this.#sender.send(burst, port, address);
  }

  get incoming(): Observable<Burst> {
    return new Observable((subscriber) => {
      const { local, remote } = this;
      const socket = this.#socket;
      const isConnected = this.#isConnected;
      this.#taken();
      if (!isConnected) {
        const key = addressKey(remote);
        peersOf(socket).add(key);
        subscriber.add(() => peersOf(socket).delete(key));
      }
      let burst: Uint8Array[] = [];
      const drain = (): void => {
        const drained = burst;
        burst = [];
        this.#sender.scavenges.received(drained.length);
        subscriber.next(drained);
      };
      const take = (datagram: Uint8Array, from: RemoteInfo): void => {
        if (!isConnected && (from.port !== remote.port || from.address !== remote.address)) return;
        this.#isRefusable = false;
        if (burst.push(datagram) === 1) setImmediate(drain);
      };
      const failed = ({ code }: NodeJS.ErrnoException): void => {
        if (code === 'ECONNREFUSED' && this.#isRefusable && !subscriber.closed) {
          subscriber.error(new ConnectionRefusedError(remote));
        }
      };
      return attach(socket, this.#sender, this.#closeSocket ? local.port : undefined, subscriber, take, failed);
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

  constructor(socket: Socket, owner: SocketOwner, closeSocket: boolean, taken: () => void) {
    if (owner === 'caller') requireUnconnected(socket);
    this.local = localAddress(socket);
    const sender = new DatagramSender(socket, owner === 'caller' && closeSocket);
    this.sendsInOrder = owner === 'own' && sender.reportsQueue;
    this.memory = this.sendsInOrder ? sender.memory : undefined;
    this.outgoing = { next: ({ peer, burst }) => sender.send(burst, peer.port, peer.address) };
    this.incoming = new Observable((subscriber) => {
      taken();
      let bursts = new Map<string, { peer: Address; burst: Uint8Array[] }>();
      let latest: { peer: Address; burst: Uint8Array[] } | undefined;
      const drain = (): void => {
        const drained = bursts;
        bursts = new Map();
        latest = undefined;
        for (const peerBurst of drained.values()) {
          sender.scavenges.received(peerBurst.burst.length);
          subscriber.next(peerBurst);
        }
      };
      return attach(socket, sender, closeSocket ? this.local.port : undefined, subscriber, (datagram, from) => {
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

/**
 * Listens to a socket until the function returned is called.
 *
 * @param closingPort port of the socket if it is to be closed then.
 * @param failed called with what the socket reports.
 */
function attach(
  socket: Socket,
  sender: DatagramSender,
  closingPort: number | undefined,
  subscriber: { error(error: unknown): void },
  take: (datagram: Uint8Array, from: RemoteInfo) => void,
  failed: (error: NodeJS.ErrnoException) => void = noop,
): () => void {
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
  return () => {
    sender.close();
    socket.off('message', onMessage).off('close', onClose);
    disallow();
    if (closingPort === undefined) {
      socket.off('error', onError);
      return;
    }
    closeWhenIdle(
      closingPort,
      () => sender.isIdle,
      () => {
        // Node tells of an error later than it happens: until then it is heard.
        socket.once('close', () => socket.off('error', onError));
        closeQuietly(socket);
      },
    );
  };
}

function localAddress(socket: Socket): Address {
  const { address, port } = socket.address();
  return { address, port };
}
