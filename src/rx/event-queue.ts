// Events that all listeners get in the same order, even if one of them causes others.

import { Subject } from './rxjs.ts';

export class EventQueue<T> extends Subject<T> {
  readonly #waiting: T[] = [];
  #delivering = false;
  #ended = false;

  /** Whether there is something for `deliver` to do. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0 && !this.#delivering;
  }

  /** Keeps `event` for the next `deliver`. */
  keep(event: T): void {
    this.#waiting.push(event);
  }

  /** Drops what was kept. */
  clear(): void {
    this.#waiting.length = 0;
  }

  /** Delivers what was kept, in that order, to all listeners; within a delivery, that goes on with it. */
  deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    while (this.#waiting.length > 0) super.next(this.#waiting.shift() as T);
    this.#delivering = false;
    if (this.#ended) super.complete();
  }

  /** Delivers `event`, after those that are being delivered. */
  override next(event: T): void {
    this.keep(event);
    this.deliver();
  }

  /** Completes, after what is being delivered. */
  override complete(): void {
    this.#ended = true;
    this.deliver();
  }
}
