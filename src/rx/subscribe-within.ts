// How an operator of ours subscribes to its source.

import { type Observable, type Observer, Subject, type Subscription, takeUntil } from 'rxjs';

/**
 * Subscribes `observer` to `source` until `lifetime` ends. Unlike `lifetime.add(source.subscribe(…))`, that also stops a source
 * that emits while it is being subscribed to: with `take(1)` behind the operator, it is asked for one value.
 */
export function subscribeWithin<T>(source: Observable<T>, lifetime: Subscription, observer: Observer<T>): void {
  if (lifetime.closed) return;
  const over = new Subject<void>();
  lifetime.add(() => over.next());
  source.pipe(takeUntil(over)).subscribe({
    next: (value) => observer.next(value),
    error: (error) => observer.error(error),
    complete: () => {
      // Else this is what `takeUntil` makes of our own end.
      if (!lifetime.closed) observer.complete();
    },
  });
}
