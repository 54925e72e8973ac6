// (With the platform's own: spec/browser.)

import { Observable, Subject, throwError } from 'rxjs';
import { OptionError } from 'rxkcp';
import {
  fromPlatformObservable,
  type PlatformObservable,
  type PlatformObserver,
  type PlatformSubscriber,
  toPlatformObservable,
} from 'rxkcp/adapters';
import { expect, test } from 'vitest';

/** As much of the platform's as is needed: a producer for each subscription. */
class Platform<T> implements PlatformObservable<T> {
  readonly #subscribe: (subscriber: PlatformSubscriber<T>) => void;

  constructor(subscribe: (subscriber: PlatformSubscriber<T>) => void) {
    this.#subscribe = subscribe;
  }

  subscribe(observer: PlatformObserver<T>, { signal }: { readonly signal?: AbortSignal } = {}): void {
    this.#subscribe({
      next: (value) => {
        if (!signal?.aborted) observer.next(value);
      },
      error: (error) => observer.error(error),
      complete: () => observer.complete(),
      addTeardown: (teardown) => signal?.addEventListener('abort', teardown),
    });
  }
}

test('there and back: values, the end, and unsubscribing get through', () => {
  const source = new Subject<number>();
  const seen: unknown[] = [];
  const observer = { next: (value: number) => seen.push(value), complete: () => seen.push('complete') };
  const both = fromPlatformObservable(toPlatformObservable(source, Platform));
  const first = both.subscribe(observer);
  source.next(1);
  first.unsubscribe();
  expect(source.observed).toBe(false);
  both.subscribe(observer);
  source.next(2);
  source.complete();
  expect(seen).toEqual([1, 2, 'complete']);
});

test('an error gets through', () => {
  const failure = new Error('failure');
  let error: unknown;
  fromPlatformObservable(
    toPlatformObservable(
      throwError(() => failure),
      Platform,
    ),
  ).subscribe({ error: (e) => (error = e) });
  expect(error).toBe(failure);
});

test('a source that emits while it is being subscribed to stops when the subscriber aborts', () => {
  let emitted = 0;
  const source = new Observable<number>((subscriber) => {
    while (!subscriber.closed && emitted < 100) subscriber.next(emitted++);
  });
  const controller = new AbortController();
  const observer = { next: () => controller.abort(), error: () => {}, complete: () => {} };
  toPlatformObservable(source, Platform).subscribe(observer, { signal: controller.signal });
  expect(emitted).toBe(1);
});

test('refuses what is no Observable of its kind', () => {
  expect(() => toPlatformObservable(undefined as never, Platform)).toThrow('option source must be an Observable');
  expect(() => fromPlatformObservable(new Subject() as never)).toThrow('an Observable of the platform, got Subject');
});

test('where the platform has none, the error says so', () => {
  expect(() => toPlatformObservable(new Subject())).toThrow(OptionError);
  expect(() => fromPlatformObservable(undefined as never)).toThrow('an Observable of the platform');
});
