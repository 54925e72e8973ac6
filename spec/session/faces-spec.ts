// A session as less than it is: only an Observable, only an Observer, nothing at all.

import { config, NEVER, of, Subject, tap } from 'rxjs';
import type { Session } from 'rxkcp';
import { afterEach, describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { pair } from '../support/sessions.ts';

afterEach(() => {
  config.onUnhandledError = null;
});

const readInto = (seen: string[], session: Pick<Session, 'subscribe'>): void => {
  session.subscribe({ next: (message) => seen.push(words(message)), error: () => {} });
};

describe('tap', () => {
  for (const [name, face] of [
    ['a session', (session: Session) => session],
    ['the observer of one', (session: Session) => session.observer],
  ] as const) {
    test(`of ${name} sends, and loses nothing of what comes`, async () => {
      const unhandled: unknown[] = [];
      config.onUnhandledError = (error) => unhandled.push(error);
      const [left, right] = pair();
      const sent: string[] = [];
      readInto(sent, right);
      const source = new Subject<Uint8Array>();
      source.pipe(tap(face(left))).subscribe({ error: () => {} });
      source.next(text('out'));
      right.next(text('1'));
      right.next(text('2'));
      const seen: string[] = [];
      readInto(seen, left);
      right.next(text('3'));
      expect(sent).toEqual(['out']);
      expect(seen).toEqual(['1', '2', '3']);
      source.error(new Error('boom'));
      expect(left.closed).toBe(true);
      await new Promise((resolve) => setTimeout(resolve));
      expect(unhandled).toEqual([]);
    });
  }

  test('completes the session with its source', () => {
    const [left] = pair();
    of(text('x')).pipe(tap(left)).subscribe();
    left.next(text('ignored'));
    expect(left.stats().bytesSent).toBe(1);
  });
});

describe('subscribe', () => {
  test('without arguments delivers nothing, and follows the session to its end', () => {
    const [left, right] = pair();
    const following = left.subscribe();
    right.next(text('x'));
    expect(left.stats().unread).toBe(1);
    expect(following.closed).toBe(false);
    left.error(new Error('boom'));
    expect(following.closed).toBe(true);
    expect(left.subscribe().closed).toBe(true);
  });

  test('with an observer of nothing drains the session', () => {
    const [left, right] = pair();
    left.subscribe({});
    right.next(text('x'));
    expect(left.stats()).toMatchObject({ unread: 0, bytesReceived: 1 });
  });

  test('with a function for the end alone reads, too', () => {
    const [left, right] = pair();
    let completed = 0;
    left.subscribe(null, null, () => completed++);
    right.next(text('x'));
    left.close();
    expect(left.stats().unread).toBe(0);
    expect(completed).toBe(1);
  });
});

describe('messages$', () => {
  test('gives messages and their end, and cannot be sent to', () => {
    const [left, right] = pair();
    right.next(text('early'));
    const seen: string[] = [];
    left.messages$.subscribe({ next: (message) => seen.push(words(message)), complete: () => seen.push('complete') });
    right.next(text('late'));
    left.close();
    expect(seen).toEqual(['early', 'late', 'complete']);
    for (const name of ['next', 'send', 'close', 'complete', 'configure'])
      expect(left.messages$).not.toHaveProperty(name);
  });

  test('reads only while it is subscribed to', () => {
    const [left, right] = pair();
    const { messages$ } = left;
    right.next(text('1'));
    expect(left.stats().unread).toBe(1);
    // Here, as with any Observable, no observer is one that ignores all.
    messages$.subscribe().unsubscribe();
    expect(left.stats().unread).toBe(0);
    right.next(text('2'));
    expect(left.stats().unread).toBe(1);
  });
});

describe('observer', () => {
  test('sends, completes and fails the session, and cannot be read from', () => {
    const [left, right] = pair();
    const seen: string[] = [];
    readInto(seen, right);
    const { next, complete } = left.observer;
    next(text('x'));
    complete();
    next(text('ignored'));
    expect(seen).toEqual(['x']);
    expect(Object.keys(left.observer)).toEqual(['next', 'error', 'complete']);
    const failure = new Error('boom');
    const [other] = pair();
    other.observer.error(failure);
    const ends: unknown[] = [];
    other.closed$.subscribe((end) => ends.push(end));
    expect(ends).toEqual([{ reason: 'failed', error: failure }]);
  });

  test('is as good a subscriber as the session', () => {
    const [left, right] = pair();
    const seen: string[] = [];
    readInto(seen, right);
    const subscription = NEVER.subscribe(left.observer);
    of(text('x')).subscribe(left.observer);
    expect(seen).toEqual(['x']);
    subscription.unsubscribe();
  });
});

describe('one session as the subscriber of another', () => {
  test('lets go of the other when it ends: what comes then waits there', () => {
    const [source, sender] = pair();
    const [target, receiver] = pair();
    const seen: string[] = [];
    readInto(seen, receiver);
    const passing = source.subscribe(target);
    sender.next(text('1'));
    target.close();
    sender.next(text('2'));
    expect(seen).toEqual(['1']);
    expect(passing.closed).toBe(true);
    expect(source.stats().unread).toBe(1);
    readInto(seen, source);
    expect(seen).toEqual(['1', '2']);
  });

  test('leaves nothing behind at the other when it is unsubscribed from', () => {
    const [source] = pair();
    const [target] = pair();
    source.subscribe(target).unsubscribe();
    target.close();
    expect(source.closed).toBe(false);
  });

  test('ends with the other', () => {
    const [source] = pair();
    const [target] = pair();
    source.subscribe(target);
    const failure = new Error('boom');
    source.error(failure);
    const ends: unknown[] = [];
    target.closed$.subscribe((end) => ends.push(end));
    expect(ends).toEqual([{ reason: 'failed', error: failure }]);
  });
});
