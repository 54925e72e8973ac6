// #disposal on Node: sessions and streams for `await using`.

import { Observable } from '../../rx/rxjs.ts';

/** The base of sessions and streams: an Observable that `await using` ends. */
export abstract class DisposableSource<T> extends Observable<T> {
  /** Emits once, when it has ended, and completes. */
  abstract get closed$(): Observable<unknown>;

  /** Ends the sending side. */
  abstract complete(): void;

  /**
   * Ends an `await using` block: `complete()`, then waits until it has ended. It never rejects; `closed$` has the error of a failed session.
   *
   * On Node, Deno and Bun. In a page, call `complete()`.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.complete();
      this.closed$.subscribe(() => resolve());
    });
  }
}
