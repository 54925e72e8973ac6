// Serving: an Observable of sessions, one for each remote address that begins a conversation.

import { Observable, of, type SchedulerLike, Subject, type Subscriber } from 'rxjs';
import { openUdpHub } from '#udp';
import { convOf, isOutOfBand, isParity, kcpPacketIn } from './datagram.ts';
import { EarlyPackets } from './early-packets.ts';
import { dataIn, openingOf } from './kcp/opening.ts';
import { SEGMENT_HEADER, WINS, writeHeader } from './kcp/segment.ts';
import { type Address, addressKey, type Burst, checkLink, type Hub, type PeerBurst, takeLink } from './link/link.ts';
import { sealedHub } from './link/sealed.ts';
import type { UdpListenOptions } from './link/udp-options.ts';
import { processCounters } from './metrics.ts';
import { requireFunction, requireInteger, type SessionOptions, sessionSettings } from './options.ts';
import { RecentConversations } from './recent-conversations.ts';
import { monotonicScheduler } from './scheduler.ts';
import { Session } from './session.ts';

/** A server on a hub of the caller's. */
export interface HubListenOptions {
  /** Carries the datagrams of all peers, for one server at a time. */
  link: Hub;
}

/** Settings of a server, beside those of its sessions. */
export interface ServerOptions extends Omit<SessionOptions, 'conv'> {
  /** Called with the address once the server is bound to it: the way to learn a port that the system chose. */
  onListening?: ((local: Address) => void) | undefined;
  /** Sessions at a time, 1 … 1000000; strangers are ignored beyond. Default 65536. */
  maxSessions?: number | undefined;
  /** Strangers at a time whose first segment is still missing, 1 … 4096; each may have up to 32 packets here. Default 128. */
  backlog?: number | undefined;
}

/** Where to listen, on UDP or a hub of the caller's, and how. */
export type ListenOptions = ServerOptions & (UdpListenOptions | HubListenOptions);

const MAX_SESSIONS_DEFAULT = 65_536;
const BACKLOG_DEFAULT = 128;

/**
 * Serves sessions. Subscribing binds, unsubscribing closes the socket and all sessions.
 *
 * ```
 * listen   --s1------s2--s3---   one for each peer that begins a conversation
 * listen   --#                   the port is taken, or the socket failed: so have all sessions
 * ```
 *
 * A session is made by the packet that carries a conversation's segment 0, or by an out-of-band datagram. What comes from the middle of a conversation
 * (this server was restarted, say) is neither taken up nor acknowledged: its sender runs into `DeadLinkError` and
 * learns that data was lost. A new conversation from a known address ends the old session (`closed$` says `peer`),
 * unless it is one that ended in the last 10 s: that is a late duplicate. See spec/interop/DEVIATIONS.md.
 *
 * @example
 * listen({ port: 4000, mode: 'fast3' }).subscribe(session => session.subscribe(session)); // echo
 *
 * @param options where to listen, and how; see {@link UdpListenOptions} and {@link ServerOptions}.
 * @throws OptionError at once, naming the option that is wrong. The Observable fails with {@link AddressInUseError}, {@link LinkInUseError},
 * {@link HostNotFoundError}, {@link SocketClosedError} or {@link SocketError}.
 * @see kcp-go sess.go, ListenWithOptions, ServeConn, Listener.packetInput.
 */
export function listen(options: ListenOptions): Observable<Session> {
  const { receiveWindow } = sessionSettings(options);
  const { maxSessions = MAX_SESSIONS_DEFAULT, backlog = BACKLOG_DEFAULT, onListening, cipher } = options;
  requireInteger('maxSessions', maxSessions, 1, 1_000_000);
  requireInteger('backlog', backlog, 1, 4096);
  if (onListening !== undefined) requireFunction('onListening', onListening);
  let hubs: Observable<Hub>;
  if ('link' in options) {
    checkLink(options.link);
    hubs = of(options.link);
  } else {
    hubs = openUdpHub(options);
  }
  return new Observable((subscriber) => {
    subscriber.add(
      hubs.subscribe({
        next: (hub) => {
          try {
            subscriber.add(takeLink(hub));
            onListening?.(hub.local);
          } catch (error) {
            subscriber.error(error);
            return;
          }
          const bare = cipher === undefined ? hub : sealedHub(hub, cipher);
          new Server(bare, options, { receiveWindow, maxSessions, backlog }, subscriber).start();
        },
        error: (error) => subscriber.error(error),
      }),
    );
  });
}

interface ServerLimits {
  readonly receiveWindow: number;
  readonly maxSessions: number;
  readonly backlog: number;
}

interface Peer {
  readonly conv: number;
  readonly session: Session;
  readonly incoming: Subject<Burst>;
  /** Whether its segment 0 has come. */
  begun: boolean;
}

/** Tells apart whose datagrams they are. */
class Server {
  readonly #hub: Hub;
  readonly #options: ServerOptions;
  readonly #limits: ServerLimits;
  readonly #scheduler: SchedulerLike;
  readonly #subscriber: Subscriber<Session>;
  readonly #peers = new Map<string, Peer>();
  readonly #recent = new RecentConversations();
  readonly #early: EarlyPackets;

  constructor(hub: Hub, options: ServerOptions, limits: ServerLimits, subscriber: Subscriber<Session>) {
    this.#hub = hub;
    this.#options = options;
    this.#limits = limits;
    this.#scheduler = options.scheduler ?? monotonicScheduler;
    this.#subscriber = subscriber;
    this.#early = new EarlyPackets(limits.backlog);
  }

  start(): void {
    const subscriber = this.#subscriber;
    // Sessions first: their last packets still need the socket.
    subscriber.add(() => this.#end((session) => session.close()));
    subscriber.add(
      this.#hub.incoming.subscribe({
        next: ({ peer, burst }) => this.#input(peer, burst),
        error: (error) => {
          this.#end((session) => session.error(error));
          subscriber.error(error);
        },
        complete: () => {
          this.#end((session) => session.close());
          subscriber.complete();
        },
      }),
    );
  }

  #end(how: (session: Session) => void): void {
    for (const { session } of [...this.#peers.values()]) how(session);
  }

  #input(address: Address, burst: Burst): void {
    const key = addressKey(address);
    const peer = this.#peers.get(key);
    if (peer?.begun && burst.every((datagram) => convOf(datagram) === peer.conv)) {
      peer.incoming.next(burst);
      return;
    }
    for (const datagram of burst) this.#inputOne(key, address, datagram);
  }

  #inputOne(key: string, address: Address, datagram: Uint8Array): void {
    const peer = this.#peers.get(key);
    const conv = convOf(datagram);
    if (conv === undefined) {
      processCounters().KCPInErrors++;
    } else if (peer?.conv === conv && (peer.begun || isOutOfBand(datagram))) {
      peer.incoming.next([datagram]);
    } else if (isParity(datagram)) {
      this.#early.addParity(key, conv, datagram, this.#scheduler.now());
    } else if (peer?.conv === conv) {
      this.#inputUnbegun(key, peer, datagram);
    } else if (isOutOfBand(datagram)) {
      this.#inputStrangeOob(key, address, conv, datagram);
    } else {
      this.#inputStrange(key, address, conv, datagram);
    }
  }

  /** A packet of a conversation that is not going on with that address. */
  #inputStrange(key: string, address: Address, conv: number, datagram: Uint8Array): void {
    const opening = openingOf(kcpPacketIn(datagram), this.#limits.receiveWindow);
    const known = this.#peers.get(key);
    if (opening === 'first') {
      const now = this.#scheduler.now();
      if (this.#recent.has(key, conv, now)) return;
      known?.incoming.complete();
      // The newest last: its timestamp is the one that the ack echoes.
      this.#accept(key, address, conv, true, [...this.#early.take(key, conv, now), datagram]);
    } else if (known === undefined && opening === 'early') {
      this.#early.add(key, conv, datagram, this.#scheduler.now());
    } else if (known === undefined && opening === 'probe') {
      this.#hub.outgoing.next({ peer: address, burst: [this.#windowTold(conv)] });
    } else {
      processCounters().KCPInErrors++;
    }
  }

  /** A stranger may introduce itself out of band; but it cannot end what is going on with its address. */
  #inputStrangeOob(key: string, address: Address, conv: number, datagram: Uint8Array): void {
    if (this.#peers.has(key)) processCounters().KCPInErrors++;
    else if (!this.#recent.has(key, conv, this.#scheduler.now())) this.#accept(key, address, conv, false, [datagram]);
  }

  /** A packet for a session that has heard nothing but out-of-band datagrams so far. */
  #inputUnbegun(key: string, peer: Peer, datagram: Uint8Array): void {
    const now = this.#scheduler.now();
    const data = dataIn(kcpPacketIn(datagram));
    if (data === 'later') {
      this.#early.add(key, peer.conv, datagram, now);
      return;
    }
    peer.begun = data === 'first';
    peer.incoming.next(peer.begun ? [...this.#early.take(key, peer.conv, now), datagram] : [datagram]);
  }

  #accept(key: string, address: Address, conv: number, begun: boolean, burst: Burst): void {
    if (this.#subscriber.closed || this.#peers.size >= this.#limits.maxSessions) return;
    const incoming = new Subject<Burst>();
    const link = {
      incoming,
      lends: this.#hub.lends,
      releases: this.#hub.releases,
      outgoing: { next: (sent: Burst) => this.#hub.outgoing.next({ peer: address, burst: sent } satisfies PeerBurst) },
      local: this.#hub.local,
      remote: address,
      overhead: this.#hub.overhead,
    };
    const session = new Session(link, { ...this.#options, conv: conv >>> 0 }, 'passive', () => {
      this.#peers.delete(key);
      this.#recent.add(key, conv, this.#scheduler.now());
    });
    this.#peers.set(key, { conv, session, incoming, begun });
    // Before anybody may close it: what a session has taken in, it acknowledges.
    incoming.next(burst);
    this.#subscriber.next(session);
    session.start();
  }

  /** Answers a client that has sent nothing yet and asks whether we are there; remembers nothing about it. */
  #windowTold(conv: number): Uint8Array {
    const packet = new Uint8Array(SEGMENT_HEADER);
    writeHeader(packet, 0, conv, WINS, 0, this.#limits.receiveWindow, 0, 0, 0, 0);
    return packet;
  }
}
