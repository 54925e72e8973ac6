import { getEventListeners } from 'node:events';
import { EMPTY, EmptyError, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { connect, memoryPair, OptionError, type Session } from 'rxkcp';
import { disposable, openSession } from 'rxkcp/adapters';
import { describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { open, pair } from '../support/sessions.ts';

describe('openSession', () => {
  test('keeps the session open until it ends', async () => {
    const [left, right] = memoryPair();
    const far = open(right);
    far.subscribe(far);
    const session = await openSession(connect({ link: left, conv: 1 }));
    const answer = new Promise<Uint8Array>((resolve) => session.subscribe(resolve));
    await session.send(text('hello'));
    expect(words(await answer)).toBe('hello');
    expect(session.closed).toBe(false);
    session.close();
  });

  test('await using sends what is queued before it closes', async () => {
    const [left, right] = memoryPair();
    const far = open(right);
    const heard: string[] = [];
    far.subscribe((message) => heard.push(words(message)));
    let reason: string | undefined;
    {
      await using session = await openSession(connect({ link: left, conv: 1, sendWindow: 2 }));
      session.closed$.subscribe((end) => (reason = end.reason));
      for (const word of ['a', 'b', 'c', 'd', 'e']) session.next(text(word));
    }
    expect(reason).toBe('completed');
    expect(heard).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('an aborted signal closes the session', async () => {
    const [left] = memoryPair();
    const controller = new AbortController();
    const session = await openSession(connect({ link: left, conv: 1 }), { signal: controller.signal });
    controller.abort();
    expect(session.closed).toBe(true);
  });

  test('a signal that is aborted before there is a session rejects, and stops connecting', async () => {
    const reason = new Error('changed my mind');
    const sessions = new Subject<Session>();
    const controller = new AbortController();
    const opening = openSession(sessions, { signal: controller.signal });
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    expect(sessions.observed).toBe(false);
    await expect(openSession(NEVER, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('leaves no listener at a signal that outlives the session', async () => {
    const [left] = memoryPair();
    let listeners = 0;
    const { signal } = new AbortController();
    const counted = Object.assign(signal, {
      addEventListener: () => listeners++,
      removeEventListener: () => listeners--,
    });
    const session = await openSession(connect({ link: left, conv: 1 }), { signal: counted });
    expect(listeners).toBe(1);
    session.close();
    expect(listeners).toBe(0);
  });

  test('leaves no listener at a signal if there was no session', async () => {
    const { signal } = new AbortController();
    await expect(
      openSession(
        throwError(() => new Error('no route')),
        { signal },
      ),
    ).rejects.toThrow('no route');
    await expect(openSession(EMPTY, { signal })).rejects.toBeInstanceOf(EmptyError);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('an aborted signal closes the session of an Observable that does not close it, before or after', async () => {
    const [[a], [b]] = [pair(), pair()];
    const controller = new AbortController();
    expect(await openSession(of(a), { signal: controller.signal })).toBe(a);
    controller.abort();
    expect(a.closed).toBe(true);
    const early = new AbortController();
    const sessions = new Observable<Session>((subscriber) => {
      early.abort();
      subscriber.next(b);
    });
    await expect(openSession(sessions, { signal: early.signal })).rejects.toBe(early.signal.reason);
    expect(b.closed).toBe(true);
  });

  test('closes what comes after the first session', async () => {
    const [[a], [b]] = [pair(), pair()];
    expect(await openSession(of(a, b))).toBe(a);
    expect(b.closed).toBe(true);
    expect(a.closed).toBe(false);
    a.close();
  });

  test('rejects with the error of connect, and if there is no session', async () => {
    const failure = new Error('no route');
    await expect(openSession(throwError(() => failure))).rejects.toBe(failure);
    await expect(openSession(EMPTY)).rejects.toBeInstanceOf(EmptyError);
  });

  test('refuses wrong arguments', () => {
    expect(() => openSession(7 as never)).toThrow(OptionError);
    expect(() => openSession(NEVER, { signal: {} as never })).toThrow('option signal must be an AbortSignal');
    expect(() => openSession(NEVER, { singal: undefined, sginal: 1 } as never)).toThrow('did you mean signal?');
  });
});

test('disposable: using ends a subscription', () => {
  const source = new Subject<number>();
  {
    using subscription = disposable(source.subscribe());
    expect(subscription.closed).toBe(false);
    expect(source.observed).toBe(true);
  }
  expect(source.observed).toBe(false);
  expect(() => disposable(undefined as never)).toThrow('option subscription must be a Subscription');
  expect(() => disposable({} as never)).toThrow(OptionError);
});
