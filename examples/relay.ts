// A bad network in a box: a UDP relay that loses, delays, reorders and duplicates what passes through it. All chance
// comes from a seed. Two ends that talk through it meet the same network in every run, and need no privileges for it.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { Departures } from './relay/departures.ts';
import { type Direction, type DirectionCounts, type Fate, type Impairments, Lane } from './relay/lane.ts';

export type { Direction } from './relay/lane.ts';

export interface RelayOptions {
  /** Where clients' datagrams go: an IP address and a port. */
  target: { address: string; port: number };
  /** Share of datagrams lost, each way, 0 … 1. Default 0. */
  loss?: number;
  /** How many datagrams are lost in a row, on average, 1 … . Default: each is lost or not by itself. */
  lossBurst?: number;
  /** One way, ms. Default 0. */
  delay?: number;
  /**
   * The delay varies by up to as much both ways, evenly distributed, ms. Does not reorder: a slow datagram holds up
   * those behind it, and a dense stream takes about `delay + jitter` as a whole. Default 0.
   */
  jitter?: number;
  /** Share of datagrams held back so that later ones overtake, 0 … 1. Default 0. */
  reorder?: number;
  /** Share of datagrams that arrive twice, 0 … 1. Default 0. */
  duplicate?: number;
  /** What chance is drawn from: a 32-bit integer. Default 1. */
  seed?: number;
}

export interface Relay {
  /** Where clients send to, on the loopback address. */
  readonly port: number;
  /** What all clients have sent (up), and what came back for them (down). */
  stats(): { up: Direction; down: Direction };
  /** Changes what happens to datagrams from now on. A new seed begins each direction's sequence anew. */
  change(options: Partial<RelayOptions>): void;
  /** Closes all sockets; what is on its way is lost. */
  close(): void;
}

/**
 * Opens a relay on a free port of the loopback address. Any number of clients can use it at a time.
 *
 * @param forgetAfter ms without a datagram, more than any delay, after which a client may be forgotten, as by a router.
 */
export function openRelay(options: RelayOptions, forgetAfter = Number.POSITIVE_INFINITY): Promise<Relay> {
  const ipv6 = isIPv6(options.target.address);
  return new Promise((resolve, reject) => {
    const front = newSocket(ipv6);
    front.once('error', reject);
    front.bind(0, ipv6 ? '::1' : '127.0.0.1', () => {
      front.off('error', reject);
      enlargeBuffers(front);
      resolve(new UdpRelay(front, ipv6, options, forgetAfter));
    });
  });
}

/** Datagrams sent in one go: as many as libuv reads from a socket in one turn, so that no buffer fills up meanwhile. */
const BATCH = 32;
/** Of each kernel buffer, bytes. Datagrams are to be lost by the dice, not because a buffer is full. */
const BUFFER = 4 * 1024 * 1024;

interface Client {
  readonly number: number;
  readonly address: RemoteInfo;
  /** The target knows the client by this socket's address. */
  readonly upstream: Socket;
  up: Lane;
  down: Lane;
  /** When a datagram came last, from either end: ms of `performance.now()`. */
  seenAt: number;
}

class UdpRelay implements Relay {
  readonly port: number;
  readonly #front: Socket;
  readonly #ipv6: boolean;
  #target: RelayOptions['target'];
  #impairments: Impairments;
  #seed: number;
  readonly #forgetAfter: number;
  /** Clients that there have been. */
  #count = 0;
  readonly #clients = new Map<string, Client>();
  readonly #counts = { up: noCounts(), down: noCounts() };
  readonly #departures = new Departures();
  #timer: NodeJS.Timeout | undefined = undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #immediate: NodeJS.Immediate | undefined = undefined;
  #closed = false;

  constructor(front: Socket, ipv6: boolean, options: RelayOptions, forgetAfter: number) {
    const { target, loss = 0, lossBurst = 0, delay = 0, jitter = 0, reorder = 0, duplicate = 0, seed = 1 } = options;
    this.#front = front;
    this.#ipv6 = ipv6;
    this.#target = target;
    this.#impairments = { loss, lossBurst, delay, jitter, reorder, duplicate };
    this.#seed = seed;
    this.#forgetAfter = forgetAfter;
    this.port = front.address().port;
    front.on('message', (datagram, from) => this.#fromClient(datagram, from));
  }

  stats(): { up: Direction; down: Direction } {
    return { up: { ...this.#counts.up }, down: { ...this.#counts.down } };
  }

  change(options: Partial<RelayOptions>): void {
    const { target = this.#target, seed, ...impairments } = options;
    this.#target = target;
    this.#impairments = { ...this.#impairments, ...impairments };
    if (seed === undefined) return;
    this.#seed = seed;
    for (const client of this.#clients.values()) Object.assign(client, this.#lanes(client.number));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#departures.clear();
    this.#front.close();
    for (const { upstream } of this.#clients.values()) upstream.close();
  }

  #lanes(client: number): { up: Lane; down: Lane } {
    return { up: new Lane(this.#seed, client, 0), down: new Lane(this.#seed, client, 1) };
  }

  #fromClient(datagram: Uint8Array, from: RemoteInfo): void {
    const client = this.#clients.get(`${from.address}|${from.port}`) ?? this.#newClient(from);
    const { upstream } = client;
    const { address, port } = this.#target;
    const now = performance.now();
    client.seenAt = now;
    const fate = client.up.fateOf(datagram.length, now, this.#impairments, this.#counts.up);
    this.#forward(fate, () => upstream.send(datagram, port, address));
  }

  #fromTarget(client: Client, datagram: Uint8Array): void {
    const { address, port } = client.address;
    const now = performance.now();
    client.seenAt = now;
    const fate = client.down.fateOf(datagram.length, now, this.#impairments, this.#counts.down);
    this.#forward(fate, () => this.#front.send(datagram, port, address));
  }

  #newClient(address: RemoteInfo): Client {
    const now = performance.now();
    for (const [key, { seenAt, upstream }] of this.#clients) {
      if (now - seenAt <= this.#forgetAfter) continue;
      this.#clients.delete(key);
      upstream.close();
    }
    const number = this.#count++;
    const upstream = newSocket(this.#ipv6);
    const client = { number, address, upstream, seenAt: now, ...this.#lanes(number) };
    upstream.bind(0, this.#ipv6 ? '::1' : '127.0.0.1', () => enlargeBuffers(upstream));
    upstream.on('message', (datagram, from) => {
      if (from.port === this.#target.port) this.#fromTarget(client, datagram);
    });
    this.#clients.set(`${address.address}|${address.port}`, client);
    return client;
  }

  #forward({ copies, at }: Fate, leave: () => void): void {
    for (let copy = 0; copy < copies; copy++) this.#departures.add({ at, leave });
    this.#arm();
  }

  /** One timer for all datagrams, set to the next one. */
  #arm(): void {
    const at = this.#departures.nextAt;
    if (at === undefined || at >= this.#timerAt || this.#immediate !== undefined) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#release(), Math.max(Math.round(at - performance.now()), 0));
  }

  #release(): void {
    this.#immediate = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    // Timers are no finer than a millisecond: half of one early is as good as half of one late.
    const until = performance.now() + 0.5;
    for (let sent = 0; sent < BATCH; sent++) {
      const departure = this.#departures.takeUntil(until);
      if (departure === undefined) {
        this.#arm();
        return;
      }
      departure.leave();
    }
    this.#immediate = setImmediate(() => this.#release());
  }
}

function newSocket(ipv6: boolean): Socket {
  const socket = createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    // Addresses are numbers already; without this each datagram waits for a trip through the resolver.
    lookup: (address, _family, callback) => callback(null, address, 0),
  });
  // Such as a port without a listener: a relay ignores that, as networks do.
  return socket.on('error', () => {});
}

/** To be called once the socket is bound. */
function enlargeBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(BUFFER);
    socket.setSendBufferSize(BUFFER);
  } catch {
    // Some systems refuse what is over their limit; their own default has to do.
  }
}

function noCounts(): DirectionCounts {
  return { datagrams: 0, bytes: 0, lost: 0, duplicated: 0, reordered: 0 };
}
