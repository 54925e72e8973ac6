// One server: which session a datagram is for, and which datagrams begin one.

import { noop, type SchedulerLike, Subject, type Subscriber } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { convOf, isOutOfBand, isParity, kcpPacketIn } from '../core/conversation.ts';
import { dataIn, isResumption, openingOf, openingTs } from '../core/kcp/opening.ts';
import { SEGMENT_HEADER, WINS } from '../core/kcp/segment.ts';
import { writeHeader } from '../core/kcp/segment-header.ts';
import { CLOSING, FULL, LEFT } from '../core/kcp/words.ts';
import { processCounters } from '../counters/process.ts';
import { type Address, addressKey, type Hub, type PeerBurst } from '../link/link.ts';
import { reportUnhandled } from '../rx/report.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import type { SettledOptions } from '../session/options.ts';
import { Session } from '../session/session.ts';
import { clockOf } from '../time/clock.ts';
import { EarlyPackets } from './early-packets.ts';
import type { ServerOptions } from './options.ts';
import { clockAhead, RecentConversations } from './recent-conversations.ts';

export interface ServerLimits {
  readonly receiveWindow: number;
  readonly maxSessions: number;
  readonly backlog: number;
  /** Whether other servers share the port. Conversations that this one does not know may be theirs. */
  readonly isShared: boolean;
}

interface Peer {
  readonly conv: number;
  readonly session: Session;
  readonly incoming: Subject<Burst>;
  /** Whether its segment 0 has come. */
  begun: boolean;
  /** How far its clock is ahead of ours, as segment 0 has told. */
  ahead: number | undefined;
}

/** Tells apart whose datagrams they are, and makes a session for each peer that begins a conversation. */
export class Server {
  readonly #hub: Hub;
  readonly #options: ServerOptions & SettledOptions;
  readonly #limits: ServerLimits;
  readonly #scheduler: SchedulerLike;
  readonly #subscriber: Subscriber<Session>;
  readonly #peers = new Map<string, Peer>();
  readonly #recent = new RecentConversations();
  readonly #early: EarlyPackets;
  /** It takes no more sessions, and completes when those that it has have ended. */
  #isClosing = false;

  constructor(
    hub: Hub,
    options: ServerOptions & SettledOptions,
    limits: ServerLimits,
    subscriber: Subscriber<Session>,
  ) {
    this.#hub = hub;
    this.#limits = limits;
    this.#scheduler = clockOf(options.scheduler);
    // Its sessions are on its clock, whichever is the default when they begin.
    this.#options = { ...options, scheduler: this.#scheduler };
    this.#subscriber = subscriber;
    this.#early = new EarlyPackets(limits.backlog);
  }

  start(): void {
    const subscriber = this.#subscriber;
    // Sessions first: their last packets still need the socket.
    subscriber.add(() => this.#close());
    const { closing$ } = this.#options;
    if (closing$ !== undefined) {
      subscribeWithin(closing$, subscriber, {
        next: () => this.#beginClosing(),
        error: (error) => subscriber.error(error),
        complete: noop,
      });
    }
    subscribeWithin(this.#hub.incoming, subscriber, {
      next: ({ peer, burst }) => {
        // What the hub throws at an answer to a stranger is of no session.
        try {
          this.#input(peer, burst);
        } catch (error) {
          reportUnhandled(error);
        }
      },
      error: (error) => {
        for (const { incoming } of [...this.#peers.values()]) incoming.error(error);
        subscriber.error(error);
      },
      complete: () => {
        this.#close();
        subscriber.complete();
      },
    });
  }

  #close(): void {
    for (const { session } of [...this.#peers.values()]) session.close();
  }

  #beginClosing(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const completeAtLast = (): void => {
      if (this.#peers.size === 0) this.#subscriber.complete();
    };
    for (const { session } of [...this.#peers.values()]) {
      session.complete();
      session.closed$.subscribe(completeAtLast);
    }
    completeAtLast();
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
      const ahead = aheadOf(datagram, now);
      if (this.#recent.has(key, conv, now, ahead)) {
        // Our ack has not reached it, and nobody is there to send it again.
        this.#refuse(address, conv, datagram, LEFT);
        return;
      }
      if (this.#isClosing || (known === undefined && this.#isFull)) {
        this.#refuse(address, conv, datagram, this.#isClosing ? CLOSING : FULL);
        return;
      }
      known?.incoming.complete();
      // The newest last: its timestamp is the one that the ack echoes.
      this.#accept(key, address, conv, ahead, [...this.#early.take(key, conv, now), datagram]);
    } else if (known === undefined && opening === 'early') {
      this.#early.add(key, conv, datagram, this.#scheduler.now());
    } else if (
      known === undefined &&
      opening === 'probe' &&
      !this.#recent.isRemembered(key, conv, this.#scheduler.now())
    ) {
      this.#tellWindow(address, conv, 0, 0);
    } else {
      processCounters().KCPInErrors++;
      if (known !== undefined || this.#limits.isShared || !isResumption(kcpPacketIn(datagram))) return;
      // This server was restarted. What it has received, which is nothing, tells whoever sends.
      if (!this.#recent.isRemembered(key, conv, this.#scheduler.now())) this.#tellWindow(address, conv, 0, 0);
    }
  }

  /** A stranger may introduce itself out of band; but it cannot end what is going on with its address. */
  #inputStrangeOob(key: string, address: Address, conv: number, datagram: Uint8Array): void {
    if (this.#peers.has(key)) processCounters().KCPInErrors++;
    else if (!this.#recent.has(key, conv, this.#scheduler.now()))
      this.#accept(key, address, conv, undefined, [datagram]);
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
    if (peer.begun) peer.ahead = aheadOf(datagram, now);
    peer.incoming.next(peer.begun ? [...this.#early.take(key, peer.conv, now), datagram] : [datagram]);
  }

  /** @param ahead of the peer's clock, if it was told: then segment 0 is there. */
  #accept(key: string, address: Address, conv: number, ahead: number | undefined, burst: Burst): void {
    if (this.#subscriber.closed || this.#isFull || this.#isClosing) return;
    const incoming = new Subject<Burst>();
    const link = {
      incoming,
      sendsInOrder: this.#hub.sendsInOrder,
      outgoing: { next: (sent: Burst) => this.#hub.outgoing.next({ peer: address, burst: sent } satisfies PeerBurst) },
      local: this.#hub.local,
      remote: address,
      overhead: this.#hub.overhead,
    };
    const session = new Session(link, { ...this.#options, conv: conv >>> 0 }, 'passive', () => {
      this.#recent.add(key, conv, this.#scheduler.now(), this.#peers.get(key)?.ahead);
      this.#peers.delete(key);
    });
    this.#peers.set(key, { conv, session, incoming, begun: ahead !== undefined, ahead });
    // Before anybody may close it: what a session has taken in, it acknowledges.
    incoming.next(burst);
    this.#subscriber.next(session);
    session.start();
  }

  get #isFull(): boolean {
    return this.#peers.size >= this.#limits.maxSessions;
  }

  /** Tells a client that nobody is there for its conversation, and why. Proof of that is the timestamp of its first segment. */
  #refuse(address: Address, conv: number, opener: Uint8Array, word: number): void {
    this.#tellWindow(address, conv, word, openingTs(kcpPacketIn(opener)) ?? 0);
  }

  /** Answers a client that has no session, with a datagram no longer than its own; remembers nothing about it. For the words see `Farewell`. */
  #tellWindow(address: Address, conv: number, words: number, ts: number): void {
    const packet = new Uint8Array(SEGMENT_HEADER);
    writeHeader(packet, 0, conv, WINS, words, this.#limits.receiveWindow, ts, 0, 0, 0);
    this.#hub.outgoing.next({ peer: address, burst: [packet] });
  }
}

/** How far the clock of a peer that begins a conversation is ahead of ours. */
function aheadOf(datagram: Uint8Array, now: number): number | undefined {
  const ts = openingTs(kcpPacketIn(datagram));
  return ts === undefined ? undefined : clockAhead(ts, now);
}
