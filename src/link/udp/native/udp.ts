// UDP by the addon of native/: whatever comes in one wake-up in one call, whatever goes out in one tick in another. The
// same as node:dgram to all above (dgram.ts).

import { lookup } from 'node:dns';
import { noop, Observable, type Subscriber } from 'rxjs';
import type { Burst } from '../../../bytes/burst.ts';
import type { PacketMemory } from '../../../bytes/slab.ts';
import { ConnectionRefusedError, HostNotFoundError } from '../../../errors.ts';
import type { Address, Hub, PeerBurst, Priority } from '../../link.ts';
import { socketFailure } from '../failure.ts';
import type { SocketOptions, UdpConnectOptions, UdpListenOptions } from '../options.ts';
import { type OtherSockets, otherSockets, RebindableLink } from '../rebindable-link.ts';
import { StrangerGate } from '../stranger-gate.ts';
import { type Addon, ROW_WORDS } from './addon.ts';
import { Peers } from './peers.ts';
import { cutRow, cutRows, familyOf, NativeSocket, type SocketEvents } from './socket.ts';

/**
 * Emits a link to the peer once its socket is ready. The link closes the socket when it is unsubscribed from.
 *
 * @param isRefusable whether the link fails with `ConnectionRefusedError` if the system says that the peer's port has no listener before
 * anything has come. Later it may be about a moment: the peer comes back.
 */
export function openNativeLink(addon: Addon, options: UdpConnectOptions, isRefusable = false): Observable<NativeLink> {
  const { host = '127.0.0.1', port, family = 0, localPort = 0 } = options;
  return new Observable((subscriber) => {
    lookup(host, { family }, (error, address) => {
      if (error !== null) {
        subscriber.error(new HostNotFoundError(host, { cause: error }));
        return;
      }
      open(subscriber, addon, address, options, `port ${localPort}`, (socket) => {
        socket.bind({ address: familyOf(address) === 6 ? '::' : '0.0.0.0', port: localPort });
        const remote = socket.connect({ address, port });
        const others = otherSockets(options, remote, (other) => openNativeLink(addon, other));
        return new NativeLink(addon, socket, remote, isRefusable, others);
      });
    });
  });
}

/** Emits a hub once its socket is bound. The hub closes the socket when it is unsubscribed from. */
export function openNativeHub(addon: Addon, options: UdpListenOptions): Observable<Hub> {
  const { host = '0.0.0.0', port = 0 } = options;
  return new Observable((subscriber) => {
    lookup(host, (error, address) => {
      if (error !== null) {
        subscriber.error(new HostNotFoundError(host, { cause: error }));
        return;
      }
      open(subscriber, addon, address, options, `${host} port ${port}`, (socket) => {
        socket.bind({ address, port });
        return new NativeHub(addon, socket);
      });
    });
  });
}

/** Opens a socket and emits what `make` makes of it. Who gives up before someone subscribes to that leaves none behind. */
function open<T>(
  subscriber: Subscriber<T>,
  addon: Addon,
  address: string,
  options: SocketOptions,
  local: string,
  make: (socket: NativeSocket) => T,
): void {
  if (subscriber.closed) return;
  let made: T;
  try {
    const socket = new NativeSocket(addon, familyOf(address), options);
    subscriber.add(() => {
      if (!socket.taken) socket.close();
    });
    made = make(socket);
  } catch (error) {
    subscriber.error(socketFailure(error as Error, local));
    return;
  }
  subscriber.next(made);
}

/** A socket that is connected to one peer. */
class NativeLink extends RebindableLink implements SocketEvents {
  readonly sendsInOrder = true;
  readonly remote: Address;
  protected readonly others: OtherSockets<this>;
  readonly #addon: Addon;
  #socket: NativeSocket;
  #subscriber: Subscriber<Burst> | undefined;
  #isRefusable: boolean;

  constructor(
    addon: Addon,
    socket: NativeSocket,
    remote: Address,
    isRefusable: boolean,
    others: OtherSockets<NativeLink>,
  ) {
    super(socket.local);
    this.#isRefusable = isRefusable;
    this.#addon = addon;
    this.#socket = socket;
    this.remote = remote;
    this.others = others as OtherSockets<this>;
  }

  get memory(): PacketMemory {
    return this.#socket.outbox.memory;
  }

  get incoming(): Observable<Burst> {
    return new Observable((subscriber) => {
      this.#subscriber = subscriber;
      this.#socket.start(this);
      return () => {
        this.#subscriber = undefined;
        this.#socket.close();
      };
    });
  }

  protected get isCarrying(): boolean {
    return this.#subscriber !== undefined;
  }

  protected leaveSocket(): void {
    this.#socket.close();
  }

  protected takeSocketOf(other: this): void {
    const last = this.#socket;
    other.#socket.start(this);
    this.#socket = other.#socket;
    this.#isRefusable = false;
    last.close();
  }

  get outgoing(): this {
    return this;
  }

  next(burst: Burst): void {
    this.#socket.outbox.add(burst);
  }

  received(rows: number, slots: ArrayBuffer): void {
    this.#isRefusable = false;
    this.#subscriber?.next(cutRows(this.#addon, rows, slots));
  }

  failed(code: string): void {
    if (code === 'ECONNREFUSED' && this.#isRefusable) this.#subscriber?.error(new ConnectionRefusedError(this.remote));
    else this.mend(code);
  }
}

/** A socket and all that talk to it. */
class NativeHub implements Hub {
  readonly incoming: Observable<PeerBurst>;
  readonly outgoing: Hub['outgoing'];
  readonly sendsInOrder = true;
  readonly memory: PacketMemory;
  readonly local: Address;
  readonly priority: Priority;

  constructor(addon: Addon, socket: NativeSocket) {
    const { outbox } = socket;
    const peers = new Peers(addon);
    const gate = new StrangerGate();
    this.priority = {
      add: (peer) => peers.add(peer),
      delete: (peer) => peers.delete(peer),
      answersStranger: () => gate.answers(),
    };
    this.local = socket.local;
    this.memory = outbox.memory;
    this.outgoing = {
      next: ({ peer, burst }) => {
        const record = peers.recordOf(peer, burst.length);
        if (record !== undefined) outbox.add(burst, record);
      },
    };
    this.incoming = new Observable((subscriber) => {
      socket.start({
        received: (rows, slots, hasMore) => {
          gate.wakeUp(hasMore && peers.hasGuests, performance.now());
          for (const peerBurst of cutBursts(addon, peers, gate, rows, slots)) subscriber.next(peerBurst);
        },
        // It is about one of many peers.
        failed: noop,
      });
      return () => socket.close();
    });
  }
}

/** The rows of one wake-up that the gate lets in: one burst for each peer, in the order of their first datagrams. */
function cutBursts(addon: Addon, peers: Peers, gate: StrangerGate, count: number, slots: ArrayBuffer): PeerBurst[] {
  const bursts: { peer: Address; burst: Uint8Array[] }[] = [];
  let latest: { peer: Address; burst: Uint8Array[] } | undefined;
  for (let row = 0; row < count; row++) {
    const at = row * ROW_WORDS;
    if (row === 0 || addon.rows[at + 3] === 0) {
      const peer = (gate.isShut ? peers.guestOf(at) : undefined) ?? (gate.reads() ? peers.of(at) : undefined);
      latest = bursts.find((one) => one.peer === peer);
      if (latest === undefined && peer !== undefined) {
        latest = { peer, burst: [] };
        bursts.push(latest);
      }
    }
    if (latest !== undefined) cutRow(addon.rows, at, slots, latest.burst);
  }
  return bursts;
}
