// AbortSignals as ends of subscriptions.

import { Observable } from './rxjs.ts';

/** Whether `value` is an AbortSignal, also of another realm. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

/** `source`, which fails with the reason of `signal` when that is aborted, also after `source` has completed. */
export function abortable<T>(source: Observable<T>, signal: AbortSignal | undefined): Observable<T> {
  if (!signal) return source;
  return new Observable((subscriber) => {
    const abort = (): void => subscriber.error(signal.reason);
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort);
    subscriber.add(() => signal.removeEventListener('abort', abort));
    subscriber.add(
      source.subscribe({ next: (value) => subscriber.next(value), error: (error) => subscriber.error(error) }),
    );
  });
}
