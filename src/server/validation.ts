// The time during which the address of a session's peer is not proven. A forger may have written its datagrams in another's name: so little
// leaves for that address, and the peer is asked a question that only whoever receives there can answer.

import type { Burst } from '../bytes/burst.ts';
import { isParity, kcpPacketIn } from '../core/conversation.ts';
import { dataSegmentsIn } from '../core/kcp/echo.ts';
import { CMD_OFFSET, SEGMENT_HEADER, WASK } from '../core/kcp/segment.ts';
import { refusalCounters } from '../counters/refusals.ts';
import { AddressUnprovenError } from '../errors.ts';
import type { QueuedTimer, TimerQueue } from '../time/timer-queue.ts';
import type { ServedSession } from './served-session.ts';

/** Bytes that may leave for each byte that has come, one datagram aside (RFC 9000, section 8.1). */
const FACTOR = 3;
/** Times that one segment may leave. */
const TRANSMISSIONS_MAX = 5;
/** ms after which a session ends whose peer has proven nothing. */
export const PROOF_WITHIN = 30_000;
/** ms from the beginning of a session to its challenges: soon, and then so often that an outage is not felt for long. */
const CHALLENGE_AT: readonly number[] = /* @__PURE__ */ Array.from({ length: 18 }, (_, place) =>
  place < 3 ? 200 * 2 ** place - 100 : 1500 + 2000 * (place - 3),
);

/** What the validation of an address needs of its server. */
export interface ValidationContext {
  /** The conversation, an int32. */
  readonly conv: number;
  /** Bytes that a datagram has in addition to what is handed to the hub. */
  readonly overhead: number;
  /** Largest datagram, in bytes. */
  readonly mtu: number;
  /** Asks the peer, in a packet of one segment. */
  challenge(): void;
  /** Whether `packet` answers. */
  isAnswer(packet: Uint8Array): boolean;
  /** The address is proven. */
  proven(): void;
}

function isProbe(datagram: Uint8Array): boolean {
  const packet = kcpPacketIn(datagram);
  return packet.length === SEGMENT_HEADER && packet[CMD_OFFSET] === WASK;
}

export class AddressValidation {
  readonly #session: ServedSession;
  readonly #context: ValidationContext;
  readonly #timer: QueuedTimer;
  /** How often each segment has left, by its sn. */
  readonly #transmissions = new Map<number, number>();
  /** Bytes that may leave yet. */
  #credit: number;
  /** Bytes that have come, times what each is worth. */
  #earned = 0;
  #challenges = 0;
  #elapsed = 0;
  #isOver = false;

  constructor(session: ServedSession, timers: TimerQueue, context: ValidationContext) {
    this.#session = session;
    this.#context = context;
    this.#credit = context.mtu;
    this.#timer = timers.timer(() => this.#challenge());
    this.#wait();
    this.#limit();
  }

  /** Datagrams of the peer are about to be read. */
  received(burst: Burst): void {
    const { overhead } = this.#context;
    for (const datagram of burst) {
      const worth = FACTOR * (datagram.length + overhead);
      this.#credit += worth;
      this.#earned += worth;
      if (this.#challenges > 0 && !isParity(datagram) && this.#context.isAnswer(kcpPacketIn(datagram))) {
        this.#prove();
        return;
      }
    }
    this.#limit();
  }

  /** They are read. */
  check(): void {
    if (this.#session.isProven) this.#prove();
  }

  /** Those of `burst` that may leave. */
  allowed(burst: Burst): Burst {
    if (this.#isOver) return burst;
    const { overhead } = this.#context;
    const allowed = burst.filter((datagram) => {
      const bytes = datagram.length + overhead;
      const sns = isParity(datagram) ? [] : dataSegmentsIn(kcpPacketIn(datagram));
      const times = Math.max(0, ...sns.map((sn) => this.#transmissions.get(sn) ?? 0));
      // A challenge asks as much as data or a probe does, for less.
      const asks = sns.length > 0 || isParity(datagram) || isProbe(datagram);
      const challenges = asks ? CHALLENGE_AT.length - this.#challenges : 0;
      if (times >= TRANSMISSIONS_MAX || bytes + challenges * (SEGMENT_HEADER + overhead) > this.#credit) return false;
      for (const sn of sns) this.#transmissions.set(sn, (this.#transmissions.get(sn) ?? 0) + 1);
      this.#credit -= bytes;
      return true;
    });
    refusalCounters().datagramsWithheld += burst.length - allowed.length;
    if (allowed.length < burst.length && this.#challenges === 0) this.#timer.set(0);
    return allowed;
  }

  /** Nothing is to be proven any more. */
  end(): void {
    this.#isOver = true;
    this.#timer.set(undefined);
  }

  /** As many segments as the peer has paid for, and one. */
  #limit(): void {
    if (!this.#isOver) this.#session.narrow(1 + Math.floor(this.#earned / this.#context.mtu));
  }

  #wait(): void {
    const next = CHALLENGE_AT[this.#challenges] ?? PROOF_WITHIN;
    this.#timer.set(next - this.#elapsed);
    this.#elapsed = next;
  }

  #challenge(): void {
    if (this.#isOver) return;
    if (this.#elapsed >= PROOF_WITHIN) {
      refusalCounters().unprovenEnded++;
      this.#session.abandon(new AddressUnprovenError(this.#context.conv >>> 0));
      return;
    }
    const { overhead } = this.#context;
    this.#challenges++;
    this.#wait();
    if (SEGMENT_HEADER + overhead > this.#credit) return;
    this.#credit -= SEGMENT_HEADER + overhead;
    this.#context.challenge();
  }

  #prove(): void {
    if (this.#isOver) return;
    this.end();
    this.#context.proven();
    this.#session.widen((sn) => this.#transmissions.has(sn));
  }
}
