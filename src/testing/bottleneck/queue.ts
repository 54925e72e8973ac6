// The queue in front of a shared line: drop-tail, alone or with CoDel in command.

import { UNDER_WAY_MAX } from '../departures.ts';

/** A datagram that waits for the line. */
export interface Waiting {
  /** Bytes it takes on the line. */
  readonly size: number;
  /** When it entered the queue, ms. */
  enteredAt: number;
  /** Called if the queue drops it. */
  dropped(): void;
}

/** First in, first out, up to a capacity in bytes. */
export class DropTail<T extends Waiting> {
  bytes = 0;
  readonly #capacity: number;
  #waiting: T[] = [];
  #left = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#waiting.length - this.#left;
  }

  /** Takes a datagram in, or drops it. */
  enqueue(datagram: T, now: number): void {
    if (this.bytes + datagram.size > this.#capacity || this.length >= UNDER_WAY_MAX) {
      datagram.dropped();
      return;
    }
    datagram.enteredAt = now;
    this.bytes += datagram.size;
    this.#waiting.push(datagram);
  }

  /** The datagram that the line carries next. */
  dequeue(_now: number): T | undefined {
    const datagram = this.#waiting[this.#left];
    if (datagram === undefined) return undefined;
    this.bytes -= datagram.size;
    this.#left++;
    if (this.#left >= 1024 && 2 * this.#left >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#left);
      this.#left = 0;
    }
    return datagram;
  }
}
