// Events that all listeners get in the same order, even if one of them causes others.

import { type Observable, Subject } from 'rxjs';

export class EventQueue<T> {
  readonly #events = new Subject<T>();
  readonly #waiting: T[] = [];
  #delivering = false;
  #ended = false;

  get events$(): Observable<T> {
    return this.#events.asObservable();
  }

  /** Delivers `event` to all listeners, after those that are being delivered. */
  next(event: T): void {
    this.#waiting.push(event);
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#events.next(next);
    this.#delivering = false;
    if (this.#ended) this.#events.complete();
  }

  /** Completes, after what is being delivered. */
  complete(): void {
    this.#ended = true;
    if (!this.#delivering) this.#events.complete();
  }
}
