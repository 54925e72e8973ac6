// UDP by node:dgram: without the native link, and for your own sockets.

import type { Socket } from 'node:dgram';
import { lookup } from 'node:dns';
import { Observable } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import type { PacketMemory } from '../../bytes/slab.ts';
import { HostNotFoundError, LinkInUseError, NotRebindableError } from '../../errors.ts';
import { type Address, addressKey, type Hub, type PeerBurst, type Priority } from '../link.ts';
import { attach, collector, localAddress } from './dgram-attachment.ts';
import { DgramLink } from './dgram-link.ts';
import { connectSocket, newSocket, Opening, requireUnconnected, setBuffers } from './dgram-opening.ts';
import { type Family, familyOfPeers, peerAddress } from './dgram-peer.ts';
import { DatagramSender } from './dgram-sender.ts';
import type { UdpConnectOptions, UdpLink, UdpListenOptions } from './options.ts';
import { otherSockets } from './rebindable-link.ts';
import { StrangerGate } from './stranger-gate.ts';

/** Datagrams that Node takes from a socket at a time; then it sees to everything else. */
const WAKE_UP = 32;

/**
 * Emits a link to the peer once its socket is ready. The link closes the socket when it is unsubscribed from.
 *
 * @param isRefusable see `openNativeLink`. Of a lent socket the system says nothing, or not about whom.
 */
export function openDgramLink(options: UdpConnectOptions, isRefusable = false): Observable<UdpLink> {
  return options.socket === undefined
    ? openOwnLink(options, isRefusable)
    : openLentLink(options.socket as Socket, options);
}

function openOwnLink(options: UdpConnectOptions, isRefusable: boolean): Observable<DgramLink> {
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
          const others = otherSockets(options, remote, (other) => openOwnLink(other, false));
          opening.end((taken) => new DgramLink(own, remote, taken, isRefusable, others));
        };
        connectSocket(own, port, address, connected);
      });
    });
  });
}

function openLentLink(lent: Socket, options: UdpConnectOptions): Observable<UdpLink> {
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
          return new LentLink(lent, remote, closeSocket, taken);
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

/** Your own socket and one peer. */
class LentLink implements UdpLink {
  readonly sendsInOrder = false;
  readonly local: Address;
  readonly remote: Address;
  readonly #socket: Socket;
  readonly #sender: DatagramSender;
  readonly #closeSocket: boolean;
  readonly #taken: () => void;

  constructor(socket: Socket, remote: Address, closeSocket: boolean, taken: () => void) {
    requireUnconnected(socket);
    this.local = localAddress(socket);
    this.remote = remote;
    this.#socket = socket;
    this.#sender = new DatagramSender(socket, closeSocket);
    this.#closeSocket = closeSocket;
    this.#taken = taken;
  }

  get outgoing(): this {
    return this;
  }

  next(burst: Burst): void {
    const { address, port } = this.remote;
    this.#sender.send(burst, port, address);
  }

  get incoming(): Observable<Burst> {
    return new Observable((subscriber) => {
      const { local, remote } = this;
      const socket = this.#socket;
      this.#taken();
      const key = addressKey(remote);
      peersOf(socket).add(key);
      subscriber.add(() => peersOf(socket).delete(key));
      const take = collector(this.#sender, subscriber);
      return attach(socket, this.#sender, this.#closeSocket ? local.port : undefined, subscriber, (datagram, from) => {
        if (from.port === remote.port && from.address === remote.address) take(datagram);
      });
    });
  }

  rebind(): Promise<Address> {
    return Promise.reject(new NotRebindableError('it is your own (option socket)'));
  }
}

/** A socket and all that talk to it. */
class UdpHub implements Hub {
  readonly memory: PacketMemory | undefined;
  readonly incoming: Observable<PeerBurst>;
  readonly outgoing: Hub['outgoing'];
  readonly sendsInOrder: boolean;
  readonly local: Address;
  readonly priority: Priority;

  constructor(socket: Socket, owner: SocketOwner, closeSocket: boolean, taken: () => void) {
    if (owner === 'caller') requireUnconnected(socket);
    this.local = localAddress(socket);
    const sender = new DatagramSender(socket, owner === 'caller' && closeSocket);
    this.sendsInOrder = owner === 'own' && sender.reportsQueue;
    this.memory = this.sendsInOrder ? sender.memory : undefined;
    this.outgoing = { next: ({ peer, burst }) => sender.send(burst, peer.port, peer.address) };
    const guests = new Set<string>();
    const gate = new StrangerGate();
    this.priority = {
      add: (peer) => guests.add(addressKey(peer)),
      delete: (peer) => guests.delete(addressKey(peer)),
      answersStranger: () => gate.answers(),
    };
    this.incoming = new Observable((subscriber) => {
      taken();
      let bursts = new Map<string, { peer: Address; burst: Uint8Array[] }>();
      let latest: { peer: Address; burst: Uint8Array[] } | undefined;
      let came = 0;
      const drain = (): void => {
        gate.wakeUp(came >= WAKE_UP && guests.size > 0, performance.now());
        came = 0;
        const drained = bursts;
        bursts = new Map();
        latest = undefined;
        for (const peerBurst of drained.values()) {
          sender.scavenges.received(peerBurst.burst.length);
          subscriber.next(peerBurst);
        }
      };
      return attach(socket, sender, closeSocket ? this.local.port : undefined, subscriber, (datagram, from) => {
        if (came++ === 0) setImmediate(drain);
        if (latest !== undefined && latest.peer.port === from.port && latest.peer.address === from.address) {
          latest.burst.push(datagram);
          return;
        }
        const key = addressKey(from);
        if (gate.isShut && !guests.has(key) && !gate.reads()) return;
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
