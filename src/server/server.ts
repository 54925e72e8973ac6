// One server: which session a datagram is for, and which datagrams begin one.

import { noop, type SchedulerLike, type Subscriber } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { convOf, isOutOfBand, isParity, kcpPacketIn } from '../core/conversation.ts';
import { dataIn, isResumption, openingOf, openingTs } from '../core/kcp/opening.ts';
import { CLOSING, FULL, LEFT } from '../core/kcp/words.ts';
import { processCounters } from '../counters/process.ts';
import { refusalCounters } from '../counters/refusals.ts';
import { ReceiveQueueFullError, SendQueueFullError } from '../errors.ts';
import { type Address, addressKey, type Hub } from '../link/link.ts';
import { reportUnhandled } from '../rx/report.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import type { SettledOptions } from '../session/options.ts';
import type { Session } from '../session/session.ts';
import { clockOf } from '../time/clock.ts';
import { Admission } from './admission.ts';
import { ByteCap } from './byte-cap.ts';
import { EarlyPackets } from './early-packets.ts';
import type { ServerLimits, ServerOptions } from './options.ts';
import { Peer, type PeerEvents } from './peer.ts';
import { clockAhead, isSameClock, RecentConversations } from './recent-conversations.ts';

/** ms between challenges of the new addresses of one peer. */
const CHALLENGE_GAP = 20;
/** ms between moves of one peer. */
const MOVE_GAP = 1000;
/** ms for which the opener of a stranger that is challenged is kept. */
const ANSWER_WITHIN = 1000;

/** Tells apart whose datagrams they are, and makes a session for each peer that begins a conversation. */
export class Server implements PeerEvents {
  readonly #hub: Hub;
  readonly #options: ServerOptions & SettledOptions;
  readonly #limits: ServerLimits;
  readonly #scheduler: SchedulerLike;
  readonly #subscriber: Subscriber<Session>;
  readonly #peers = new Map<string, Peer>();
  readonly #recent = new RecentConversations();
  readonly #early: EarlyPackets;
  readonly #admission: Admission;
  /** Peers by conversation, if they may move. */
  readonly #byConv = new Map<number, Peer>();
  readonly #received: ByteCap<Peer>;
  readonly #queued: ByteCap<Peer>;
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
    this.#admission = new Admission(hub, limits, options, this.#scheduler);
    const { maxReceiveBytes, maxQueueBytes } = limits;
    this.#received = new ByteCap(
      maxReceiveBytes,
      ({ session, largest }) => session.held * largest,
      ({ session, conv }) => {
        refusalCounters().receiveQueuesFull++;
        session.abandon(new ReceiveQueueFullError(conv >>> 0, maxReceiveBytes));
      },
    );
    this.#queued = new ByteCap(
      maxQueueBytes,
      ({ session }) => session.queuedBytes,
      ({ session }) => {
        refusalCounters().sendQueuesFull++;
        session.abandon(new SendQueueFullError('maxQueueBytes', maxQueueBytes));
      },
    );
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
        for (const { input } of [...this.#peers.values()]) input.error(error);
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
      this.#deliver(peer, burst);
      return;
    }
    for (const datagram of burst) this.#inputOne(key, address, datagram);
  }

  #inputOne(key: string, address: Address, datagram: Uint8Array): void {
    const peer = this.#peers.get(key);
    const conv = convOf(datagram);
    const elsewhere = peer === undefined && conv !== undefined ? this.#byConv.get(conv) : undefined;
    if (conv === undefined) {
      processCounters().KCPInErrors++;
    } else if (peer?.conv === conv && (peer.begun || isOutOfBand(datagram))) {
      this.#deliver(peer, [datagram]);
    } else if (elsewhere !== undefined && this.#isOf(elsewhere, datagram)) {
      this.#inputFromElsewhere(elsewhere, key, address, datagram);
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

  /** Hands over what is the peer's. */
  #deliver(peer: Peer, burst: Burst): void {
    const { validation } = peer;
    for (const { length } of burst) if (length > peer.largest) peer.largest = length;
    validation?.received(burst);
    peer.input.next(burst);
    validation?.check();
    if (!peer.session.closed) this.#received.update(peer, this.#scheduler.now());
  }

  /** A packet of a conversation that is not going on with that address. */
  #inputStrange(key: string, address: Address, conv: number, datagram: Uint8Array): void {
    const packet = kcpPacketIn(datagram);
    const opening = openingOf(packet, this.#limits.receiveWindow);
    const known = this.#peers.get(key);
    const now = this.#scheduler.now();
    if (opening === 'first') {
      this.#inputOpener(key, address, conv, datagram, now);
    } else if (this.#admission.isAnswer(key, conv, packet)) {
      this.#admit(key, address, conv, datagram, now);
    } else if (known === undefined && opening === 'early') {
      this.#early.add(key, conv, datagram, now);
    } else if (known === undefined && opening === 'probe' && !this.#recent.isRemembered(key, conv, now)) {
      this.#admission.tellWindow(address, conv, 0, 0);
    } else {
      processCounters().KCPInErrors++;
      if (known !== undefined || this.#limits.isShared || !isResumption(kcpPacketIn(datagram))) return;
      // This server was restarted. What it has received, which is nothing, tells whoever sends.
      if (!this.#recent.isRemembered(key, conv, this.#scheduler.now())) this.#admission.tellWindow(address, conv, 0, 0);
    }
  }

  /** A stranger, or one who has another session, begins a conversation. */
  #inputOpener(key: string, address: Address, conv: number, datagram: Uint8Array, now: number): void {
    const known = this.#peers.get(key);
    const ahead = aheadOf(datagram, now);
    if (this.#admission.mustProve(known !== undefined) && !this.#admission.hasTime) return;
    if (this.#recent.has(key, conv, now, ahead)) {
      // The ack has not reached it, and the session that would repeat the ack has ended.
      this.#admission.refuse(address, conv, datagram, LEFT);
    } else if (this.#isClosing || (known === undefined && this.#isFull && !this.#admission.hasUnproven)) {
      refusalCounters().openersRefused++;
      this.#admission.refuse(address, conv, datagram, this.#isClosing ? CLOSING : FULL);
    } else if (this.#admission.isLimited(address)) {
      // It is sent again.
    } else if (this.#admission.mustProve(known !== undefined)) {
      this.#challengeStranger(key, address, conv, datagram, now);
    } else {
      known?.input.complete();
      // The newest last: its timestamp is the one that the ack echoes.
      this.#accept(key, address, conv, ahead, [...this.#early.take(key, conv, now), datagram]);
    }
  }

  /** A stranger may introduce itself out of band; but it cannot end what is going on with its address. */
  #inputStrangeOob(key: string, address: Address, conv: number, datagram: Uint8Array): void {
    const now = this.#scheduler.now();
    if (this.#peers.has(key)) processCounters().KCPInErrors++;
    else if (this.#recent.has(key, conv, now) || this.#admission.isLimited(address)) return;
    else if (this.#admission.mustProve(false)) this.#challengeStranger(key, address, conv, datagram, now);
    else this.#accept(key, address, conv, undefined, [datagram]);
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
    this.#deliver(peer, peer.begun ? [...this.#early.take(key, peer.conv, now), datagram] : [datagram]);
  }

  /** Whether a datagram from another address can be one of `peer`: a conversation that begins now is not, if its clock is another. */
  #isOf({ ahead }: Peer, datagram: Uint8Array): boolean {
    const told = aheadOf(datagram, this.#scheduler.now());
    return told === undefined || ahead === undefined || isSameClock(told, ahead);
  }

  /** `peer` has moved, perhaps: only a holder of the key can have made this datagram, but an attacker may have resent it. So the address has to answer. */
  #inputFromElsewhere(peer: Peer, key: string, address: Address, datagram: Uint8Array): void {
    const { conv, session } = peer;
    const now = this.#scheduler.now();
    if (!isParity(datagram) && this.#admission.isAnswer(key, conv, kcpPacketIn(datagram))) {
      if (now - peer.movedAt >= MOVE_GAP) this.#move(peer, key, address, now);
    } else if (now - peer.challengedAt >= CHALLENGE_GAP) {
      peer.challengedAt = now;
      this.#admission.challenge(key, address, conv, session.standing);
    }
    this.#deliver(peer, [datagram]);
  }

  #move(peer: Peer, key: string, address: Address, now: number): void {
    refusalCounters().answers++;
    refusalCounters().moves++;
    this.#hub.priority?.delete(peer.address);
    this.#hub.priority?.add(address);
    this.#peers.delete(peer.key);
    this.#peers.set(key, peer);
    peer.key = key;
    peer.address = address;
    peer.movedAt = now;
    this.#admission.release(peer);
    peer.session.widen(() => true);
    peer.session.move(address);
  }

  /** A stranger has answered its challenge. */
  #admit(key: string, address: Address, conv: number, datagram: Uint8Array, now: number): void {
    refusalCounters().answers++;
    // What was recorded may be sent again while the question is the same.
    if (this.#recent.isRemembered(key, conv, now) || this.#isClosing) return;
    this.#peers.get(key)?.input.complete();
    // Of the answer itself, too, segment 0 may be a part: it is repeated where there is room.
    const burst = [datagram, ...this.#early.take(key, conv, now, ANSWER_WITHIN)];
    const ahead = burst.map((packet) => aheadOf(packet, now)).find((told) => told !== undefined);
    this.#accept(key, address, conv, ahead, burst, true);
  }

  /**
   * @param ahead of the peer's clock, if it was told: then segment 0 is there.
   * @param isProven whether the peer has shown that it receives at its address.
   */
  #accept(
    key: string,
    address: Address,
    conv: number,
    ahead: number | undefined,
    burst: Burst,
    isProven = this.#limits.validate === 'off',
  ): void {
    if (this.#subscriber.closed || this.#isClosing) return;
    if (this.#isFull) this.#admission.makeRoom();
    if (this.#isFull) return;
    const peer = new Peer(this.#hub, this.#options, key, address, conv, ahead, this);
    this.#peers.set(key, peer);
    if (this.#limits.migrate) this.#byConv.set(conv, peer);
    if (isProven) this.#hub.priority?.add(address);
    else this.#admission.putOnTrial(peer);
    // Before the handler can close it: a session acknowledges what it has accepted.
    this.#deliver(peer, burst);
    this.#subscriber.next(peer.session);
    peer.session.start();
  }

  /** @internal */
  written(peer: Peer): void {
    this.#queued.update(peer, this.#scheduler.now());
  }

  /** @internal */
  ended(peer: Peer): void {
    this.#recent.add(peer.key, peer.conv, this.#scheduler.now(), peer.ahead);
    this.#admission.release(peer);
    this.#hub.priority?.delete(peer.address);
    this.#peers.delete(peer.key);
    if (this.#byConv.get(peer.conv) === peer) this.#byConv.delete(peer.conv);
    this.#received.remove(peer);
    this.#queued.remove(peer);
  }

  get #isFull(): boolean {
    return this.#peers.size >= this.#limits.maxSessions;
  }

  /** Asks a stranger. Its opener is kept if the server is not under pressure: then the answer brings the session at once. */
  #challengeStranger(key: string, address: Address, conv: number, opener: Uint8Array, now: number): void {
    refusalCounters().openersChallenged++;
    if (!this.#admission.isUnderPressure) this.#early.add(key, conv, opener, now);
    this.#admission.challenge(key, address, conv, { peerNxt: 0, nxt: 0, window: this.#limits.receiveWindow });
  }
}

/** How far the clock of a peer that begins a conversation is ahead of this one; undefined if `datagram` begins none. */
function aheadOf(datagram: Uint8Array, now: number): number | undefined {
  if (isParity(datagram) || isOutOfBand(datagram)) return undefined;
  const ts = openingTs(kcpPacketIn(datagram));
  return ts === undefined ? undefined : clockAhead(ts, now);
}
