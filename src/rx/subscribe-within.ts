// How rxkcp's operators subscribe to their sources.

import { Observable, type Observer, type Subscription } from './rxjs.ts';

/** How long something is subscribed to. */
interface Lifetime {
  readonly closed: boolean;
  add(subscription: Subscription): void;
}

type Receiver<T> = Pick<Observer<T>, 'next'>;
type Ending = Omit<Observer<never>, 'next'>;

/**
 * Subscribes `observer` to `source` until `lifetime` ends. Unlike `lifetime.add(source.subscribe(…))`, this also stops a source
 * that emits while it is being subscribed to: with `take(1)` behind the operator, the source is asked for one value. If
 * `lifetime` has ended before, the source is not subscribed to. An exception of `observer.next`, such as a user's callback
 * throws, goes to `error`.
 *
 * @param ending who is told of the end of the source, if not `observer`.
 */
export function subscribeWithin<T>(source: Observable<T>, lifetime: Lifetime, observer: Observer<T>): void;
export function subscribeWithin<T>(
  source: Observable<T>,
  lifetime: Lifetime,
  observer: Receiver<T>,
  ending: Ending,
): void;
export function subscribeWithin<T>(
  source: Observable<T>,
  lifetime: Lifetime,
  observer: Receiver<T>,
  ending: Ending = observer as Observer<T>,
): void {
  if (lifetime.closed) return;
  // An Observable, because it makes a subscriber that can be ended before it is subscribed.
  new Observable<T>((subscriber) => {
    lifetime.add(subscriber);
    source.subscribe(subscriber);
  }).subscribe(new Guard(observer, ending));
}

/** A class rather than three functions: a session has several, and a server many sessions. */
class Guard<T> implements Observer<T> {
  readonly #receiver: Receiver<T>;
  readonly #ending: Ending;

  constructor(receiver: Receiver<T>, ending: Ending) {
    this.#receiver = receiver;
    this.#ending = ending;
  }

  next(value: T): void {
    try {
      this.#receiver.next(value);
    } catch (error) {
      this.error(error);
    }
  }

  error(error: unknown): void {
    this.#ending.error(error);
  }

  complete(): void {
    this.#ending.complete();
  }
}
