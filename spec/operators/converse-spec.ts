import {
  catchError,
  exhaustMap,
  firstValueFrom,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  race,
  repeat,
  retry,
  Subject,
  switchMap,
  take,
  tap,
  throwError,
} from 'rxjs';
import {
  type Burst,
  connect,
  DeadLinkError,
  type Link,
  listen,
  memoryNetwork,
  memoryPair,
  type Session,
  type SessionEnd,
} from 'rxkcp';
import { converse } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { ack, push, testScheduler, text, words } from '../support/marbles.ts';
import { pair } from '../support/sessions.ts';

/** A session over `link`, and how it ended. */
function dialling(link: Link, options: object = {}): { sessions: Observable<Session>; ends: SessionEnd[] } {
  const ends: SessionEnd[] = [];
  const sessions = connect({ link, conv: 1, mode: 'fast3', ...options }).pipe(
    tap((session) => session.closed$.subscribe((end) => ends.push(end))),
  );
  return { sessions, ends };
}

/** A link on which nobody answers. */
const silent = (): Link => memoryPair()[0];

describe('converse', () => {
  test('emits what the conversation does, and completes the session when that completes', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const incoming = hot<Burst>('30ms a', { a: [ack(0, 0, 1)] });
      const { sessions, ends } = dialling({ incoming, outgoing: new Subject<Burst>() }, { scheduler });
      const talk = cold('-a-(b|)');
      const talking = sessions.pipe(
        converse((session) => {
          session.next(text('x'));
          return talk;
        }),
      );
      // Complete when the peer has what was sent.
      expectObservable(talking).toBe('-a-b 26ms |');
      expectSubscriptions(talk.subscriptions).toBe('^--!');
      scheduler.schedule(() => expect(ends).toEqual([{ reason: 'completed' }]), 31);
    });
  });

  test.each([
    ['still reads', (session: Session) => session.messages$.subscribe()],
    ['has stopped reading', (session: Session) => session[Symbol.asyncIterator]()],
  ])('completes with the session, even if something that the conversation began %s', (_, begin) => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const incoming = hot<Burst>('30ms a', { a: [ack(0, 0, 1)] });
      const { sessions } = dialling({ incoming, outgoing: new Subject<Burst>() }, { scheduler });
      const talking = sessions.pipe(
        converse((session) => {
          begin(session);
          session.next(text('x'));
          return of('done');
        }),
      );
      expectObservable(talking).toBe('d 29ms |', { d: 'done' });
    });
  });

  test('closes the session when the conversation fails, and fails with the same', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const { sessions, ends } = dialling(silent(), { scheduler });
      expectObservable(sessions.pipe(converse(() => cold('-a-#')))).toBe('-a-#');
      scheduler.schedule(() => expect(ends).toEqual([{ reason: 'closed' }]), 4);
    });
  });

  test('closes the session, too, when there is no conversation because the function throws', () => {
    const { sessions, ends } = dialling(silent());
    const seen: unknown[] = [];
    const failure = new Error('no');
    sessions
      .pipe(
        converse((): Observable<never> => {
          throw failure;
        }),
      )
      .subscribe({ error: (error) => seen.push(error) });
    expect(seen).toEqual([failure]);
    expect(ends).toEqual([{ reason: 'closed' }]);
  });

  test('closes the session when it is unsubscribed from, however that comes about', async () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const { sessions, ends } = dialling(silent(), { scheduler });
      const talk = cold('-a-b-c');
      expectObservable(
        sessions.pipe(
          converse(() => talk),
          take(2),
        ),
      ).toBe('-a-(b|)');
      expectSubscriptions(talk.subscriptions).toBe('^--!');
      scheduler.schedule(() => expect(ends).toEqual([{ reason: 'closed' }]), 4);
    });
    const { sessions, ends } = dialling(silent());
    await expect(firstValueFrom(sessions.pipe(converse(() => of('first', 'second'))))).resolves.toBe('first');
    expect(ends).toEqual([{ reason: 'closed' }]);
  });

  test('fails with what ended the session, even if the conversation reads nothing', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const { sessions } = dialling(silent(), { scheduler, deadLink: 2 });
      const talk = cold('a');
      const talking = sessions.pipe(
        converse((session) => {
          session.next(text('x'));
          return talk;
        }),
      );
      expectObservable(talking).toBe(
        'a 199ms #',
        undefined,
        new DeadLinkError(1, { transmissions: 2, heardAgo: undefined }),
      );
      expectSubscriptions(talk.subscriptions).toBe('^ 199ms !');
    });
  });

  test('fails with what ends the session after the last word, before that has arrived', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const { sessions } = dialling(silent(), { scheduler, deadLink: 2 });
      const talking = sessions.pipe(converse((session) => session.send$(text('x')).pipe(map(() => 'taken'))));
      expectObservable(talking).toBe(
        't 199ms #',
        { t: 'taken' },
        new DeadLinkError(1, { transmissions: 2, heardAgo: undefined }),
      );
    });
  });

  test('completes with a session that ends well, and lets go of the conversation', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const { sessions } = dialling({ incoming: hot<Burst>('-----|'), outgoing: new Subject<Burst>() }, { scheduler });
      const talk = cold('a');
      expectObservable(sessions.pipe(converse(() => talk))).toBe('a----|');
      expectSubscriptions(talk.subscriptions).toBe('^----!');
    });
  });

  test('completes although the conversation has left a subscriber behind', () => {
    const [near, far] = pair();
    far.subscribe(far);
    const events: unknown[] = [];
    of(near)
      .pipe(
        converse((session) => {
          session.subscribe();
          session.messages$.subscribe();
          session.next(text('x'));
          return of('a word');
        }),
      )
      .subscribe({ next: (word) => events.push(word), complete: () => events.push('complete') });
    expect(events).toEqual(['a word', 'complete']);
  });

  test('fails with what ends the session after the last word, also with a subscriber left behind', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const { sessions } = dialling(silent(), { scheduler, deadAfter: 1000 });
      const conversation = sessions.pipe(
        converse((session) => {
          session.messages$.subscribe({ error: () => {} });
          session.next(text('x'));
          return of('w');
        }),
        catchError((error) => of(error instanceof DeadLinkError ? 'd' : 'x')),
      );
      expectObservable(conversation).toBe('w 999ms (d|)');
    });
  });

  test('lets the conversation have what came before the end, at its pace, and finish its work if the session ended well', async () => {
    const incoming = new Subject<Burst>();
    const { sessions } = dialling({ incoming, outgoing: new Subject<Burst>() });
    const seen: unknown[] = [];
    const over = new Promise<void>((resolve) => {
      sessions
        .pipe(
          converse(async function* (session) {
            for await (const message of session) {
              await new Promise(setImmediate);
              yield words(message);
            }
            yield 'over';
          }),
        )
        .subscribe({ next: (word) => seen.push(word), complete: resolve });
    });
    incoming.next([push(0, 'a'), push(1, 'b'), push(2, 'c')]);
    incoming.complete();
    await over;
    expect(seen).toEqual(['a', 'b', 'c', 'over']);
  });

  test('has what came before a failure read first', async () => {
    const incoming = new Subject<Burst>();
    const failure = new Error('cable cut');
    const { sessions } = dialling({ incoming, outgoing: new Subject<Burst>() });
    const read: unknown[] = [];
    const over = new Promise((resolve) => {
      sessions
        .pipe(
          converse(async (session) => {
            for await (const message of session) {
              read.push(words(message));
              await new Promise(setImmediate);
            }
          }),
        )
        .subscribe({ error: resolve });
    });
    incoming.next([push(0, 'a'), push(1, 'b'), push(2, 'c')]);
    incoming.error(failure);
    await expect(over).resolves.toBe(failure);
    expect(read).toEqual(['a', 'b', 'c']);
  });

  test('does not fail if the conversation has dealt with the failure of the session', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const { sessions } = dialling(silent(), { scheduler, deadLink: 2 });
      const talking = sessions.pipe(
        converse((session) => {
          session.next(text('x'));
          return race(session, NEVER).pipe(
            map(() => 'message'),
            retry({ delay: () => throwError(() => new Error('mine')) }),
          );
        }),
      );
      expectObservable(talking).toBe('200ms #', {}, new Error('mine'));
    });
  });

  test('with retry dials again after a dead link, and lets go of the link meanwhile', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const incoming = hot<Burst>('610ms a', { a: [push(0, 'hello')] });
      const { sessions, ends } = dialling({ incoming, outgoing: new Subject<Burst>() }, { scheduler, deadLink: 2 });
      const talking = sessions.pipe(
        converse((session) => {
          session.next(text('anybody?'));
          return session.pipe(map(words));
        }),
        retry({ delay: 100 }),
        take(1),
      );
      expectObservable(talking).toBe('610ms (h|)', { h: 'hello' });
      expectSubscriptions(incoming.subscriptions).toBe(['^ 199ms !', '300ms ^ 199ms !', '600ms ^ 9ms !']);
      scheduler.schedule(
        () =>
          expect(ends.map(({ reason, error }) => `${reason} ${error}`)).toEqual([
            `failed ${new DeadLinkError(1, { transmissions: 2, heardAgo: undefined })}`,
            `failed ${new DeadLinkError(1, { transmissions: 2, heardAgo: undefined })}`,
            'closed undefined',
          ]),
        700,
      );
    });
  });

  test('with repeat holds one conversation after the other', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const incoming = hot<Burst>('-');
      const { sessions } = dialling({ incoming, outgoing: new Subject<Burst>() }, { scheduler });
      const talking = sessions.pipe(
        converse(() => cold('-a|')),
        repeat({ count: 2, delay: 10 }),
      );
      // Nothing was sent and nothing came: there is nothing to linger for.
      expectObservable(talking).toBe('-a 11ms a|');
      expectSubscriptions(incoming.subscriptions).toBe(['^-!', '------------^-!']);
    });
  });

  test('over listen, and of switchMap: the session before is closed, not left open and acknowledged', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const network = memoryNetwork();
      const sessions: Session[] = [];
      const served = listen({ link: network.hub, scheduler, mode: 'fast3' }).pipe(
        tap((session) => sessions.push(session)),
        switchMap((session) => of(session).pipe(converse(() => session.pipe(map(words))))),
      );
      const client = (at: string): Observable<never> =>
        connect({ link: network.link(), scheduler, mode: 'fast3' }).pipe(
          mergeMap((session) => cold(at).pipe(map((word) => session.next(text(word))))),
          ignoreElements(),
        );
      expectObservable(merge(served, client('a----b'), client('--c------d')), '^ 99ms !').toBe('a-c------d');
      scheduler.schedule(() => {
        expect(sessions.map(({ closed }) => closed)).toEqual([true, false]);
      }, 50);
    });
  });

  test('in mergeMap with a limit holds so many at a time, and in exhaustMap ignores the others', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const dial = (name: string): Observable<string> =>
        dialling(silent(), { scheduler }).sessions.pipe(converse(() => cold('---a--|').pipe(map(() => name))));
      const names = ['x', 'y', 'z'];
      expectObservable(of(...names).pipe(mergeMap(dial, 2))).toBe('---(xy)--z--|');
      expectObservable(of(...names).pipe(exhaustMap(dial))).toBe('---x--|');
    });
  });
});
