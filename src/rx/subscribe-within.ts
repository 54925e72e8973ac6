// How an operator of ours subscribes to its source.

import { Observable, type Observer, type Subscription } from './rxjs.ts';

/**
 * Subscribes `observer` to `source` until `lifetime` ends. Unlike `lifetime.add(source.subscribe(…))`, this also stops a source
 * that emits while it is being subscribed to: with `take(1)` behind the operator, the source is asked for one value. If
 * `lifetime` has ended before, the source is not subscribed to. An exception of `observer.next`, such as a user's callback
 * throws, goes to `observer.error`.
 */
export function subscribeWithin<T>(source: Observable<T>, lifetime: Subscription, observer: Observer<T>): void {
  if (lifetime.closed) return;
  // An Observable, because it makes a subscriber that can be ended before it is subscribed.
  new Observable<T>((subscriber) => {
    lifetime.add(subscriber);
    source.subscribe(subscriber);
  }).subscribe(new Guard(observer));
}

/** Passes on to `observer`. A class rather than three functions: a session has several, and a server many sessions. */
class Guard<T> implements Observer<T> {
  readonly #observer: Observer<T>;

  constructor(observer: Observer<T>) {
    this.#observer = observer;
  }

  next(value: T): void {
    try {
      this.#observer.next(value);
    } catch (error) {
      this.error(error);
    }
  }

  error(error: unknown): void {
    this.#observer.error(error);
  }

  complete(): void {
    this.#observer.complete();
  }
}
