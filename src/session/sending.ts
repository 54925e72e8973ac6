// What a session and a stream of `rxkcp/mux` have in common as those that send.

import { Observable, type Observer } from '../rx/rxjs.ts';

/** Only the sending side of `target`: it cannot be read from. */
export function observerOf<T>(target: Observer<T>): Observer<T> {
  return {
    next: (value) => target.next(value),
    error: (error) => target.error(error),
    complete: () => target.complete(),
  };
}

/** Calls `send` with each subscription; emits once and completes when it says that the message is taken. */
export function sent$(send: (taken: () => void, failed: (error: unknown) => void) => void): Observable<void> {
  return new Observable((subscriber) => {
    const taken = (): void => {
      subscriber.next();
      subscriber.complete();
    };
    send(taken, (error) => subscriber.error(error));
  });
}
