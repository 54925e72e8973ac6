// Controlled delay: RFC 8289, section 5 (its pseudocode, times in ms).

import type { CoDelOptions } from './options.ts';
import { DropTail, type Waiting } from './queue.ts';

/** Bytes of a full-sized packet: a queue that holds no more than one is never too long (RFC 8289, 5.3, `maxpacket`). */
const MAX_PACKET = 1500;

/** A queue that drops from its head while no datagram of an interval has waited for less than the target. */
export class CoDel<T extends Waiting> extends DropTail<T> {
  readonly #target: number;
  readonly #interval: number;
  /** When the wait will have been above the target for an interval; 0: it is below. */
  #firstAbove = 0;
  #dropNext = 0;
  /** Drops since dropping began. */
  #count = 0;
  #lastCount = 0;
  #isDropping = false;

  constructor(capacity: number, { target = 5, interval = 100 }: CoDelOptions) {
    super(capacity);
    this.#target = target;
    this.#interval = interval;
  }

  override dequeue(now: number): T | undefined {
    let datagram = super.dequeue(now);
    let isLate = this.#isLate(datagram, now);
    if (this.#isDropping) {
      if (!isLate) this.#isDropping = false;
      // Never the last one: an empty queue has ended the dropping before.
      while (this.#isDropping && now >= this.#dropNext) {
        datagram?.dropped();
        this.#count++;
        datagram = super.dequeue(now);
        isLate = this.#isLate(datagram, now);
        if (isLate) this.#dropNext = this.#next(this.#dropNext);
        else this.#isDropping = false;
      }
    } else if (isLate) {
      datagram?.dropped();
      datagram = super.dequeue(now);
      this.#isLate(datagram, now);
      this.#isDropping = true;
      // If it dropped recently, it goes on with the rate that was right then.
      const recent = this.#count - this.#lastCount;
      this.#count = recent > 1 && now - this.#dropNext < 16 * this.#interval ? recent : 1;
      this.#dropNext = this.#next(now);
      this.#lastCount = this.#count;
    }
    return datagram;
  }

  /** Whether waits have been above the target for a whole interval. */
  #isLate(datagram: T | undefined, now: number): boolean {
    if (datagram === undefined || now - datagram.enteredAt < this.#target || this.bytes <= MAX_PACKET) {
      this.#firstAbove = 0;
      return false;
    }
    if (this.#firstAbove === 0) {
      this.#firstAbove = now + this.#interval;
      return false;
    }
    return now >= this.#firstAbove;
  }

  #next(at: number): number {
    return at + this.#interval / Math.sqrt(this.#count);
  }
}
