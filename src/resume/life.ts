// What a session waits for: acknowledgments that are due, its expiry without a connection, and its next writing to the store.

import type { SchedulerLike } from 'rxjs';
import type { ResumeEnd } from '../core/resume/resume-end.ts';
import { type QueuedTimer, timerQueueOf } from '../time/timer-queue.ts';

interface LifeHost {
  readonly clock: SchedulerLike;
  /** ms that the session lives without a connection; undefined while that is not known. */
  readonly expireAfter: number | undefined;
  readonly renew?: (() => void) | undefined;
}

interface LifeOwner {
  /** An acknowledgment may be due. */
  due(): void;
  expired(): void;
}

/** The timer of a session. */
export class Life {
  readonly #end: ResumeEnd;
  readonly #host: LifeHost;
  readonly #owner: LifeOwner;
  readonly #timer: QueuedTimer;
  /** When the last connection ended, or the session began. */
  #lostAt: number;
  /** When the session was last written although nothing had changed. */
  #renewedAt: number;
  #isConnected = false;

  constructor(end: ResumeEnd, host: LifeHost, owner: LifeOwner) {
    this.#end = end;
    this.#host = host;
    this.#owner = owner;
    this.#timer = timerQueueOf(host.clock).timer(() => this.#run());
    this.#lostAt = this.#renewedAt = host.clock.now();
  }

  /** The connection has ended. */
  lost(): void {
    this.#lostAt = this.#renewedAt = this.#host.clock.now();
  }

  /** Sets the timer to what comes first. */
  arm(isConnected: boolean): void {
    this.#isConnected = isConnected;
    const now = this.#host.clock.now();
    const { expireAfter = Infinity, renew } = this.#host;
    const ack = this.#end.nextTimeout(now) ?? Infinity;
    const expiry = isConnected ? Infinity : this.#lostAt + expireAfter - now;
    const renewal = isConnected && renew ? this.#renewedAt + Math.ceil(expireAfter / 2) - now : Infinity;
    const delay = Math.max(Math.min(ack, expiry, renewal), 0);
    this.#timer.set(delay === Infinity ? undefined : delay);
  }

  end(): void {
    this.#timer.set(undefined);
  }

  #run(): void {
    const now = this.#host.clock.now();
    const { expireAfter = Infinity, renew } = this.#host;
    if (!this.#isConnected && now >= this.#lostAt + expireAfter) {
      this.#owner.expired();
      return;
    }
    if (this.#isConnected && renew && now >= this.#renewedAt + Math.ceil(expireAfter / 2)) {
      this.#renewedAt = now;
      renew();
    }
    this.#owner.due();
  }
}
