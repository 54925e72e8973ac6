// The shared line: it carries one datagram after another, at a rate that may change under way.

import type { SchedulerLike, Subscription } from 'rxjs';
import { CoDel } from './codel.ts';
import { ROUNDING } from './delay-line.ts';
import type { SettledBottleneck } from './options.ts';
import { DropTail, type Waiting } from './queue.ts';

/** A datagram on its way across the line. */
export interface Carried extends Waiting {
  /** Called when the line begins to carry it. */
  begun(): void;
  /** Called when the line has carried it. @param at when that was, ms. */
  carried(at: number): void;
}

export class Line {
  /** Bytes carried so far. */
  carriedBytes = 0;
  readonly #scheduler: SchedulerLike;
  readonly #queue: DropTail<Carried>;
  #bytesPerMs: number;
  /** The datagram that is being sent. */
  #serving: Carried | undefined;
  /** When its last byte will have been sent, ms. */
  #doneAt = 0;
  #wakeUp: Subscription | undefined;

  constructor({ bytesPerSecond, queueBytes, codel }: SettledBottleneck, scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#queue = codel === undefined ? new DropTail(queueBytes) : new CoDel(queueBytes, codel);
  }

  get bytesPerSecond(): number {
    return 1000 * this.#bytesPerMs;
  }

  get queuedBytes(): number {
    this.advance();
    return this.#queue.bytes;
  }

  get queuedDatagrams(): number {
    this.advance();
    return this.#queue.length;
  }

  /** ms until a datagram that entered now would begin to be sent. */
  get wait(): number {
    this.advance();
    if (this.#serving === undefined) return 0;
    return Math.max(this.#doneAt - this.#scheduler.now(), 0) + this.#queue.bytes / this.#bytesPerMs;
  }

  enter(datagram: Carried): void {
    this.advance();
    const now = this.#scheduler.now();
    if (this.#serving !== undefined) {
      this.#queue.enqueue(datagram, now);
      return;
    }
    // A datagram that finds the line free need not fit into the queue.
    this.#serve(datagram, now);
    this.#arm();
  }

  /** What is on the line at the moment goes on at the new rate. */
  setRate(bytesPerSecond: number): void {
    this.advance();
    const now = this.#scheduler.now();
    const rest = (this.#doneAt - now) * this.#bytesPerMs;
    this.#bytesPerMs = bytesPerSecond / 1000;
    if (this.#serving === undefined) return;
    this.#doneAt = now + rest / this.#bytesPerMs;
    this.#wakeUp?.unsubscribe();
    this.#arm();
  }

  #serve(datagram: Carried, from: number): void {
    datagram.begun();
    this.#serving = datagram;
    this.#doneAt = from + datagram.size / this.#bytesPerMs;
  }

  /** Sends what can have been sent by now: in real time, wake-ups are late, and the line does not wait for them. */
  advance(): void {
    const now = this.#scheduler.now() + ROUNDING;
    for (let done = this.#serving; done !== undefined && this.#doneAt <= now; done = this.#serving) {
      const at = this.#doneAt;
      this.#serving = undefined;
      const next = this.#queue.dequeue(at);
      if (next !== undefined) this.#serve(next, at);
      this.carriedBytes += done.size;
      done.carried(at);
    }
  }

  #arm(): void {
    this.#wakeUp = this.#scheduler.schedule(
      () => {
        this.advance();
        if (this.#serving !== undefined) this.#arm();
      },
      Math.max(this.#doneAt - this.#scheduler.now(), 0),
    );
  }
}
