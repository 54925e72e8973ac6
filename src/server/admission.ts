// Who may begin a session at once, and who has to prove first that it receives at its address; and what a server says to those who have none.

import type { SchedulerLike } from 'rxjs';
import { systemRandom } from '../bytes/random.ts';
import { kcpPacketIn } from '../core/conversation.ts';
import { answerIn, challengeOf, type Standing } from '../core/kcp/echo.ts';
import { openingTs } from '../core/kcp/opening.ts';
import { SEGMENT_HEADER, WINS } from '../core/kcp/segment.ts';
import { writeHeader } from '../core/kcp/segment-header.ts';
import { refusalCounters } from '../counters/refusals.ts';
import { AddressUnprovenError } from '../errors.ts';
import { MTU_DEFAULT } from '../limits.ts';
import type { Address, Hub } from '../link/link.ts';
import { type TimerQueue, timerQueueOf } from '../time/timer-queue.ts';
import { AcceptRate } from './accept-rate.ts';
import { Cookies } from './cookies.ts';
import type { ServerLimits, ServerOptions } from './options.ts';
import type { Peer } from './peer.ts';
import { AddressValidation } from './validation.ts';

export class Admission {
  readonly #hub: Hub;
  readonly #limits: ServerLimits;
  readonly #scheduler: SchedulerLike;
  readonly #timers: TimerQueue;
  readonly #mtu: number;
  readonly #cookies: Cookies;
  readonly #rate: AcceptRate | undefined;
  /** Peers whose address is not proven, the oldest first. */
  readonly #unproven = new Set<Peer>();

  constructor(hub: Hub, limits: ServerLimits, options: ServerOptions, scheduler: SchedulerLike) {
    const { random = systemRandom, mtu = MTU_DEFAULT } = options;
    this.#hub = hub;
    this.#limits = limits;
    this.#scheduler = scheduler;
    this.#timers = timerQueueOf(scheduler);
    this.#mtu = mtu;
    this.#cookies = new Cookies(random);
    this.#rate = limits.maxNewSessions === undefined ? undefined : new AcceptRate(limits.maxNewSessions);
  }

  /** Whether a session could make room for another. */
  get hasUnproven(): boolean {
    return this.#unproven.size > 0;
  }

  /** Whether so many addresses are not proven that nothing is kept of strangers. */
  get isUnderPressure(): boolean {
    return this.#unproven.size >= this.#limits.maxUnproven;
  }

  /** Ends the session whose address has been unproven for longest. */
  makeRoom(): void {
    const [oldest] = this.#unproven;
    if (oldest === undefined) return;
    refusalCounters().unprovenEnded++;
    oldest.session.abandon(new AddressUnprovenError(oldest.conv >>> 0));
  }

  /** Whether the network of that address has begun too many sessions. */
  isLimited({ address }: Address): boolean {
    if (this.#rate === undefined || this.#rate.take(address, this.#scheduler.now())) return false;
    refusalCounters().openersLimited++;
    return true;
  }

  /** Whether who begins a conversation is asked first. @param isTakeover whether its address has another session. */
  mustProve(isTakeover: boolean): boolean {
    const { validate, takeover } = this.#limits;
    if (validate === 'before-delivery' || (isTakeover && takeover === 'proven')) return true;
    return validate === 'limit' && this.isUnderPressure;
  }

  /** Whether there is time for an answer to a stranger. */
  get hasTime(): boolean {
    return this.#hub.priority?.answersStranger() ?? true;
  }

  /** From here on `peer` gets little, until its address is proven. */
  putOnTrial(peer: Peer): void {
    const { conv } = peer;
    this.#unproven.add(peer);
    peer.validation = new AddressValidation(peer.session, this.#timers, {
      conv,
      overhead: this.#hub.overhead ?? 0,
      mtu: this.#mtu,
      challenge: () => this.challenge(peer.key, peer.address, conv, peer.session.standing),
      isAnswer: (packet) => this.isAnswer(peer.key, conv, packet),
      proven: () => {
        this.release(peer);
        this.#hub.priority?.add(peer.address);
      },
    });
  }

  /** The address of `peer` is proven, or its session has ended. */
  release(peer: Peer): void {
    peer.validation?.end();
    peer.validation = undefined;
    this.#unproven.delete(peer);
  }

  /** Asks who is at that address; `key` is the address as text. */
  challenge(key: string, address: Address, conv: number, standing: Standing): void {
    refusalCounters().challenges++;
    this.#send(address, challengeOf(conv, this.#cookies.question(key, conv, this.#scheduler.now()), standing));
  }

  /** Whether `packet` answers that. */
  isAnswer(key: string, conv: number, packet: Uint8Array): boolean {
    const answer = answerIn(packet);
    return answer !== undefined && this.#cookies.isAnswer(answer, key, conv, this.#scheduler.now());
  }

  /** Tells a client that this server has no session for it, and why. The timestamp of its first segment is the proof. */
  refuse(address: Address, conv: number, opener: Uint8Array, word: number): void {
    this.tellWindow(address, conv, word, openingTs(kcpPacketIn(opener)) ?? 0);
  }

  /** Answers a client that has no session, with a datagram no longer than its own; remembers nothing about it. For the words see `Farewell`. */
  tellWindow(address: Address, conv: number, words: number, ts: number): void {
    const packet = new Uint8Array(SEGMENT_HEADER);
    writeHeader(new DataView(packet.buffer), 0, conv, WINS, words, this.#limits.receiveWindow, ts, 0, 0, 0);
    this.#send(address, packet);
  }

  #send(address: Address, packet: Uint8Array): void {
    this.#hub.outgoing.next({ peer: address, burst: [packet] });
  }
}
