// How our operators subscribe to their sources.

import { Observable, range, Subject, Subscription, take } from 'rxjs';
import { expect, test } from 'vitest';
import { EventQueue } from '../../src/rx/event-queue.ts';
import { subscribeWithin } from '../../src/rx/subscribe-within.ts';

/** An operator that does nothing. */
function through<T>(source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => subscribeWithin(source, subscriber, subscriber));
}

test('a source that emits while it is subscribed to is asked for no more than is taken', () => {
  let drawn = 0;
  const counting = new Observable<number>((subscriber) => {
    for (; drawn < 1e6 && !subscriber.closed; drawn++) subscriber.next(drawn);
  });
  const seen: number[] = [];
  through(counting)
    .pipe(take(1))
    .subscribe((value) => seen.push(value));
  expect([seen, drawn]).toEqual([[0], 1]);
});

test('a source is not subscribed to once the lifetime is over', () => {
  let subscribed = 0;
  const source = new Observable(() => {
    subscribed++;
  });
  const lifetime = new Subscription();
  lifetime.unsubscribe();
  subscribeWithin(source, lifetime, { next: () => {}, error: () => {}, complete: () => {} });
  expect(subscribed).toBe(0);
});

test('the end of the lifetime is no completion, that of the source is', () => {
  const ends: string[] = [];
  const note = (what: string) => ({ next: () => {}, error: () => {}, complete: () => ends.push(what) });
  const lifetime = new Subscription();
  const source = new Subject();
  subscribeWithin(source, lifetime, note('unsubscribed'));
  lifetime.unsubscribe();
  expect(source.observed).toBe(false);
  subscribeWithin(range(1), new Subscription(), note('completed'));
  expect(ends).toEqual(['completed']);
});

test('what next throws is an error of the subscriber, and the source is let go of', () => {
  const failure = new Error('failure');
  const source = new Subject<number>();
  const seen: unknown[] = [];
  const dividing = new Observable<number>((subscriber) =>
    subscribeWithin(source, subscriber, {
      next: (value) => {
        if (value === 0) throw failure;
        subscriber.next(1 / value);
      },
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  );
  dividing.subscribe({ next: (value) => seen.push(value), error: (error) => seen.push(error) });
  for (const value of [2, 0, 4]) source.next(value);
  expect([seen, source.observed]).toEqual([[0.5, failure], false]);
});

test('a queue of events delivers each to all before the next, and completes behind them', () => {
  const queue = new EventQueue<number>();
  const seen: string[] = [];
  for (const name of ['a', 'b']) {
    queue.subscribe({
      next: (event) => {
        seen.push(`${name}${event}`);
        if (event === 1 && name === 'a') {
          queue.next(2);
          queue.complete();
        }
      },
      complete: () => seen.push(`${name}|`),
    });
  }
  queue.next(1);
  expect(seen).toEqual(['a1', 'b1', 'a2', 'b2', 'a|', 'b|']);
});
