// Whose failure an end is: that of the peer or the network ends the messages of a server's session, and raises nothing there.

import { once } from 'node:events';
import { config, EMPTY, race, repeat, retry, Subject, switchMap, take, tap, timeout } from 'rxjs';
import {
  type Burst,
  connect,
  DeadLinkError,
  IdleTimeoutError,
  InvalidMessageError,
  type Link,
  listen,
  MessageTooLargeError,
  memoryPair,
  OptionError,
  type PeerBurst,
  SendQueueFullError,
  type ServerOptions,
  type Session,
  type SessionEnd,
} from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { toWebStreams } from 'rxkcp/streams';
import { VirtualScheduler } from 'rxkcp/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { push, testScheduler, text } from '../support/marbles.ts';
import { open } from '../support/sessions.ts';

const unhandled: unknown[] = [];
beforeEach(() => {
  unhandled.length = 0;
  config.onUnhandledError = (error) => unhandled.push(error);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve));
  config.onUnhandledError = null;
  expect(unhandled).toEqual([]);
});

const alice = { address: '10.0.0.1', port: 1 };

/** A session of a server with a peer that says one word, and then is not there. */
function passive(options: ServerOptions = {}, then: Uint8Array[] = [push(0, 'x')]) {
  const incoming = new Subject<PeerBurst>();
  const scheduler = new VirtualScheduler();
  const sessions: Session[] = [];
  const failures: unknown[] = [];
  const link = { local: alice, incoming, outgoing: { next: () => {} } };
  listen({ link, scheduler, mode: 'fast3', deadLink: 2, ...options }).subscribe({
    next: (session) => sessions.push(session),
    error: (error) => failures.push(error),
  });
  incoming.next({ peer: alice, burst: then });
  return { session: sessions[0] as Session, scheduler, incoming, failures };
}

/** How messages end, and what `closed$` says. */
function watch(session: Session): { seen: unknown[]; ends: SessionEnd[] } {
  const seen: unknown[] = [];
  const ends: SessionEnd[] = [];
  session.subscribe({ error: (error) => seen.push(error), complete: () => seen.push('complete') });
  session.closed$.subscribe((end) => ends.push(end));
  return { seen, ends };
}

describe('a session of listen completes, and closed$ has the error', () => {
  test('if its link is dead', () => {
    const { session, scheduler } = passive();
    const { seen, ends } = watch(session);
    session.next(text('anybody?'));
    scheduler.run(10_000);
    expect(seen).toEqual(['complete']);
    expect(ends).toEqual([{ reason: 'failed', error: new DeadLinkError(1, { transmissions: 2, heardAgo: 200 }) }]);
  });

  test('if its peer is silent', () => {
    const { session, scheduler } = passive({ idleTimeout: 1000 });
    const { seen, ends } = watch(session);
    scheduler.run(10_000);
    expect(seen).toEqual(['complete']);
    expect(ends).toEqual([{ reason: 'failed', error: new IdleTimeoutError(1, 1000) }]);
  });

  test('if its hub fails, which is the failure of listen', () => {
    const { session, incoming, failures } = passive();
    const { seen, ends } = watch(session);
    const failure = new Error('socket gone');
    incoming.error(failure);
    expect(seen).toEqual(['complete']);
    expect(ends).toEqual([{ reason: 'failed', error: failure }]);
    expect(failures).toEqual([failure]);
  });

  test('after the last message that had come before, which iterators get, too', async () => {
    const { session, scheduler } = passive({ idleTimeout: 1000 }, [push(0, 'a'), push(1, 'b')]);
    const messages = session[Symbol.asyncIterator]();
    scheduler.run(10_000);
    expect(session.closed).toBe(true);
    await expect(messages.next()).resolves.toMatchObject({ value: text('a') });
    await expect(messages.next()).resolves.toMatchObject({ value: text('b') });
    await expect(messages.next()).resolves.toEqual({ done: true, value: undefined });
  });

  test('and fails with it, if peerLoss is error', () => {
    const { session, scheduler } = passive({ idleTimeout: 1000, peerLoss: 'error' });
    const { seen } = watch(session);
    scheduler.run(10_000);
    expect(seen).toEqual([new IdleTimeoutError(1, 1000)]);
  });

  test('and passes completion on to the session that it is relayed to', () => {
    const { session, scheduler } = passive({ idleTimeout: 1000 });
    const target = open(memoryPair()[0]);
    session.subscribe(target);
    scheduler.run(10_000);
    target.next(text('ignored'));
    expect(target.stats().bytesSent).toBe(1);
    target.close();
  });
});

describe('a failure on this side is an error, on a server, too', () => {
  const failure = new Error('mine');
  const cases: [string, (session: Session) => void, unknown][] = [
    ['error(e)', (session) => session.error(failure), failure],
    ['what is no message', (session) => session.next(new Uint8Array(0)), new InvalidMessageError(new Uint8Array(0))],
    [
      'a message too large',
      (session) => session.next(new Uint8Array(400_000)),
      new MessageTooLargeError(400_000, 350_880),
    ],
    [
      'a queue too full',
      (session) => {
        for (let i = 0; i < 200; i++) session.next(text('x'));
      },
      new SendQueueFullError('sendQueueSegments', 10),
    ],
  ];
  for (const [name, cause, error] of cases) {
    test(name, () => {
      const { session } = passive({ sendQueueSegments: 10, peerLoss: 'complete', validate: 'off' });
      const { seen, ends } = watch(session);
      cause(session);
      expect(seen).toEqual([error]);
      expect(ends).toEqual([{ reason: 'failed', error }]);
    });
  }

  test('a link that throws', () => {
    const incoming = new Subject<Burst>();
    const outgoing = {
      next: () => {
        throw failure;
      },
    };
    const session = open({ incoming, outgoing }, { peerLoss: 'complete' });
    const { seen } = watch(session);
    session.next(text('x'));
    expect(seen).toEqual([failure]);
  });
});

describe('what sends learns of the end in any case', () => {
  test('send rejects and send$ fails with what ended the session while they waited', async () => {
    const { session, scheduler } = passive({ sendWindow: 1 });
    session.next(text('fills the window'));
    const sending = session.send(text('waits'));
    const errors: unknown[] = [];
    session.send$(text('waits')).subscribe({ error: (error) => errors.push(error) });
    scheduler.run(10_000);
    const error = new DeadLinkError(1, { transmissions: 2, heardAgo: 200 });
    await expect(sending).rejects.toEqual(error);
    expect(errors).toEqual([error]);
  });
});

describe('a stream fails with what ended the session, on a server, too: it was cut short', () => {
  test('of Node', async () => {
    const { session, scheduler } = passive({ idleTimeout: 1000 });
    const stream = toDuplex(session).resume();
    const failed = once(stream, 'error');
    scheduler.run(10_000);
    await expect(failed).resolves.toEqual([new IdleTimeoutError(1, 1000)]);
  });

  test('of the web', async () => {
    const { session, scheduler } = passive({ idleTimeout: 1000 });
    const reader = toWebStreams(session).readable.getReader();
    await expect(reader.read()).resolves.toMatchObject({ done: false });
    const reading = reader.read();
    scheduler.run(10_000);
    await expect(reading).rejects.toEqual(new IdleTimeoutError(1, 1000));
  });
});

describe('a session of connect', () => {
  const silent = (): Link => memoryPair()[0];

  test('fails with what ended it, and completes instead if peerLoss is complete', () => {
    for (const [options, expected] of [
      [{}, new DeadLinkError(1, { transmissions: 2, heardAgo: undefined })],
      [{ peerLoss: 'error' }, new DeadLinkError(1, { transmissions: 2, heardAgo: undefined })],
      [{ peerLoss: 'complete' }, 'complete'],
    ] as const) {
      const scheduler = new VirtualScheduler();
      const session = open(silent(), { scheduler, deadLink: 2, ...options });
      const { seen, ends } = watch(session);
      session.next(text('x'));
      scheduler.run(10_000);
      expect(seen).toEqual([expected]);
      expect(ends).toEqual([
        { reason: 'failed', error: new DeadLinkError(1, { transmissions: 2, heardAgo: undefined }) },
      ]);
    }
  });

  test('refuses another peerLoss', () => {
    expect(() => connect({ link: silent(), peerLoss: 'ignore' as never })).toThrow(
      new OptionError('peerLoss', 'ignore', "'error' or 'complete'"),
    );
  });

  test('is dialled again by a plain retry behind switchMap, and one session is open at a time', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const incoming = hot<Burst>('-');
      const dial = connect({
        link: { incoming, outgoing: new Subject<Burst>() },
        conv: 1,
        scheduler,
        mode: 'fast3',
        deadLink: 2,
      });
      const talking = dial.pipe(
        switchMap((session) => {
          session.next(text('x'));
          return session;
        }),
        retry({ count: 2, delay: 100 }),
      );
      expectObservable(talking).toBe(
        '800ms #',
        undefined,
        new DeadLinkError(1, { transmissions: 2, heardAgo: undefined }),
      );
      expectSubscriptions(incoming.subscriptions).toBe(['^ 199ms !', '300ms ^ 199ms !', '600ms ^ 199ms !']);
    });
  });

  test('is dialled again by a plain repeat on connect, however it ended', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const ends: string[] = [];
      const dial = connect({
        link: { incoming: hot<Burst>('-'), outgoing: new Subject<Burst>() },
        conv: 1,
        scheduler,
        mode: 'fast3',
        deadLink: 2,
      });
      let count = 0;
      const sessions = dial.pipe(
        tap((session) => {
          session.closed$.subscribe(({ reason }) => ends.push(reason));
          if (++count === 2) scheduler.schedule(() => session.close(), 50);
          else session.next(text('x'));
        }),
        switchMap(() => ['session']),
        repeat({ delay: 100 }),
        take(3),
      );
      expectObservable(sessions).toBe('s 299ms s 149ms (s|)', { s: 'session' });
      scheduler.schedule(() => expect(ends).toEqual(['failed', 'closed', 'closed']), 1000);
    });
  });

  test('loses a race, or runs into a timeout, and is closed', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const ends: string[] = [];
      const dial = connect({ link: silent(), scheduler }).pipe(
        switchMap((session) => {
          session.closed$.subscribe(({ reason }) => ends.push(reason));
          return session;
        }),
      );
      const other = cold('----a');
      expectObservable(race(dial, other).pipe(take(1))).toBe('----(a|)');
      expectSubscriptions(other.subscriptions).toBe('^---!');
      expectObservable(dial.pipe(timeout({ first: 3, with: () => EMPTY })), '10ms ^').toBe('13ms |');
      scheduler.schedule(() => expect(ends).toEqual(['closed', 'closed']), 20);
    });
  });
});

test('an iterator that is asked after its session has failed rejects once, and is done', async () => {
  const incoming = new Subject<Burst>();
  const session = open({ incoming, outgoing: new Subject<Burst>() });
  const messages = session[Symbol.asyncIterator]();
  incoming.next([push(0, 'a')]);
  const failure = new Error('the link is cut');
  incoming.error(failure);
  expect(await messages.next()).toMatchObject({ done: false });
  await expect(messages.next()).rejects.toBe(failure);
  expect(await messages.next()).toEqual({ done: true, value: undefined });
});
