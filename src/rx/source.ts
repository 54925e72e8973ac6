// What stands for an Observable where a user hands one over.

import { type InteropObservable, Observable, type Subscribable, type TeardownLogic } from './rxjs.ts';
import { from } from './rxjs-more.ts';

/** The method that makes an object interoperable, under the name that RxJS gives it. */
const observable = (Symbol as { readonly observable?: symbol }).observable ?? '@@observable';

/**
 * A stream of values: an Observable of this or another copy of RxJS, or of another library; or an async iterable, which is
 * read as fast as it gives.
 */
export type Source<T> = Subscribable<T> | InteropObservable<T> | AsyncIterable<T>;

/** Whether `value` is an object that {@link observableOf} can subscribe to. */
export function isSource(value: unknown): value is Source<unknown> {
  const candidate = (value ?? {}) as Record<PropertyKey, unknown>;
  return [candidate.subscribe, candidate[observable], candidate[Symbol.asyncIterator]].some(
    (method) => typeof method === 'function',
  );
}

/** `source` as an Observable of this copy of RxJS. */
export function observableOf<T>(source: Source<T>): Observable<T> {
  if (source instanceof Observable) return source;
  // By `subscribe`, rather than by `from`: a library may have that method alone, and copies of RxJS may differ in the symbol.
  if ('subscribe' in source) return new Observable((subscriber) => source.subscribe(subscriber) as TeardownLogic);
  return from(source);
}
