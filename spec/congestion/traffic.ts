// What a session of a scenario sends, and how long that takes to arrive.

import type { SchedulerLike } from 'rxjs';
import type { Session } from 'rxkcp';
import type { Traffic } from './types.ts';

/** ms between two looks at what a bulk sender has left to send. */
const REFILL_MS = 5;
/** Bytes that a bulk sender has ready, beside what the line carries in {@link REFILL_AHEAD} ms. */
const READY = 256 * 1024;
const REFILL_AHEAD = 20;
const CHUNK = new Uint8Array(64 * 1024);
/** Bytes of a segment, about. */
const SEGMENT = 1376;

/** Messages sent, and when; in stream mode, the last byte of a message says that all of it has arrived. */
class Deliveries {
  sent = 0;
  received = 0;
  /** ms from the sending of each message to its arrival. */
  readonly latencies: number[] = [];
  readonly #ends: number[] = [];
  readonly #times: number[] = [];
  #first = 0;

  messageSent(bytes: number, now: number): void {
    this.sent += bytes;
    this.#ends.push(this.sent);
    this.#times.push(now);
  }

  bytesReceived(bytes: number, now: number): void {
    this.received += bytes;
    for (; this.#first < this.#ends.length && this.#ends[this.#first]! <= this.received; this.#first++) {
      this.latencies.push(now - this.#times[this.#first]!);
    }
  }
}

/** Sends from one session to the other, until stopped. */
export class Sending {
  readonly deliveries = new Deliveries();
  readonly #session: Session;
  readonly #scheduler: SchedulerLike;
  #stopped = false;

  /** @param bytesPerSecond rate of the line, of which a bulk sender keeps some ms ready. */
  constructor(session: Session, traffic: Traffic, scheduler: SchedulerLike, bytesPerSecond: number) {
    this.#session = session;
    this.#scheduler = scheduler;
    if (traffic === 'bulk') this.#refill(READY + (bytesPerSecond * REFILL_AHEAD) / 1000);
    else this.#repeat(new Uint8Array(traffic.bytes), traffic.every);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Keeps `ready` bytes waiting in the session: not the whole window, which may be 90 MB. */
  #refill(ready: number): void {
    this.#each(REFILL_MS, () => {
      const { queuedBytes, queued, inFlight, sendWindow } = this.#session.stats();
      const room = (sendWindow - queued - inFlight) * SEGMENT;
      for (let missing = Math.min(ready - queuedBytes, room); missing > 0; missing -= CHUNK.length) {
        this.#session.next(CHUNK);
        this.deliveries.sent += CHUNK.length;
      }
    });
  }

  #repeat(message: Uint8Array, every: number): void {
    this.#each(every, () => {
      this.deliveries.messageSent(message.length, this.#scheduler.now());
      this.#session.next(message);
    });
  }

  #each(period: number, act: () => void): void {
    const { isOver } = this;
    this.#scheduler.schedule(function () {
      if (isOver()) return;
      act();
      this.schedule(undefined, period);
    });
  }

  readonly isOver = (): boolean => this.#stopped || this.#session.closed;
}
