// How an operator of ours subscribes to its source.

import { type Observable, type Observer, Subject, type Subscription, takeUntil } from './rxjs.ts';

/**
 * Subscribes `observer` to `source` until `lifetime` ends. Unlike `lifetime.add(source.subscribe(…))`, this also stops a source
 * that emits while it is being subscribed to: with `take(1)` behind the operator, the source is asked for one value. If
 * `lifetime` has ended before, the source is not subscribed to. An exception of `observer.next`, such as a user's callback
 * throws, goes to `observer.error`.
 */
export function subscribeWithin<T>(source: Observable<T>, lifetime: Subscription, observer: Observer<T>): void {
  if (lifetime.closed) return;
  const over = new Subject<void>();
  lifetime.add(() => over.next());
  source.pipe(takeUntil(over)).subscribe({
    next: (value) => {
      try {
        observer.next(value);
      } catch (error) {
        observer.error(error);
      }
    },
    error: (error) => observer.error(error),
    complete: () => {
      // Else this is what `takeUntil` makes of our own end.
      if (!lifetime.closed) observer.complete();
    },
  });
}
