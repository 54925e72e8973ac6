import { map, Observable, of, Subject, switchMap, throwError } from 'rxjs';
import { connect, memoryPair, type Session } from 'rxkcp';
import { shareSession } from 'rxkcp/operators';
import { expect, test } from 'vitest';
import { testScheduler } from '../support/marbles.ts';

/** Sessions over one link, dialed again and again, and how many of them. */
function dialing(): { session$: Observable<Session>; dialed: Session[] } {
  const dialed: Session[] = [];
  const [link] = memoryPair();
  const session$ = connect({ link, conv: 1 }).pipe(
    map((session) => {
      dialed.push(session);
      return session;
    }),
  );
  return { session$, dialed };
}

test('gives every subscriber the session that lives, however late', () => {
  const { session$, dialed } = dialing();
  const shared = session$.pipe(shareSession());
  const got: Session[] = [];
  const first = shared.subscribe((session) => got.push(session));
  const second = shared.subscribe((session) => got.push(session));
  expect(dialed.length).toBe(1);
  expect(got).toEqual([dialed[0], dialed[0]]);
  first.unsubscribe();
  expect(dialed[0]?.closed).toBe(false);
  second.unsubscribe();
  expect(dialed[0]?.closed).toBe(true);
});

test('dials again for a subscriber that comes after the end, also within a handler of that end', () => {
  const { session$, dialed } = dialing();
  const shared = session$.pipe(shareSession());
  const ends: string[] = [];
  let inHandler: Session | undefined;
  shared.subscribe({
    next: (session) => {
      session.closed$.subscribe(() => shared.subscribe((another) => (inHandler = another)));
    },
    complete: () => ends.push('first'),
  });
  shared.subscribe({ complete: () => ends.push('second') });
  dialed[0]?.close();
  expect(ends).toEqual(['first', 'second']);
  expect(inHandler).toBe(dialed[1]);
  expect(inHandler?.closed).toBe(false);
  let later: Session | undefined;
  shared.subscribe((session) => (later = session));
  expect(later).toBe(dialed[1]);
  dialed[1]?.close();
});

test('is for one who has waited for the socket, too', () => {
  const socket = new Subject<{ closed$: Observable<unknown> }>();
  const shared = socket.pipe(shareSession());
  const got: unknown[] = [];
  shared.subscribe((session) => got.push(session));
  shared.subscribe((session) => got.push(session));
  const session = { closed$: new Subject() };
  socket.next(session);
  expect(got).toEqual([session, session]);
});

test('passes an error on to all, and then dials again', () => {
  let attempts = 0;
  const failing = new Observable<{ closed$: Observable<unknown> }>((subscriber) => {
    attempts++;
    subscriber.error(new Error(`attempt ${attempts}`));
  }).pipe(shareSession());
  const errors: string[] = [];
  for (let i = 0; i < 2; i++) failing.subscribe({ error: ({ message }: Error) => errors.push(message) });
  expect(errors).toEqual(['attempt 1', 'attempt 2']);
  let ended: unknown;
  throwError(() => 'no address')
    .pipe(shareSession())
    .subscribe({ error: (error) => (ended = error) });
  expect(ended).toBe('no address');
});

test('is subscribed to its source once, from the first subscriber to the last', () => {
  testScheduler().run(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const session = { closed$: hot('---------------c') };
    const source = cold('--s', { s: session });
    const shared = source.pipe(
      shareSession(),
      map(() => 's'),
    );
    expectObservable(shared, '^---!').toBe('--s');
    expectObservable(shared, '---^----!').toBe('---s');
    expectObservable(shared, '----------^').toBe('------------s--|');
    expectSubscriptions(source.subscriptions).toBe(['^-------!', '----------^----!']);
  });
});

test('leaves messages to the session, which shares them', () => {
  const [left, right] = memoryPair();
  const shared = connect({ link: right, conv: 1 }).pipe(shareSession());
  const got: number[][] = [[], []];
  const readers = got.map((messages) =>
    shared.pipe(switchMap((session) => session)).subscribe(([byte]) => messages.push(byte as number)),
  );
  connect({ link: left, conv: 1 })
    .subscribe((session) => of(1, 2, 3).subscribe((byte) => session.next(Uint8Array.of(byte))))
    .unsubscribe();
  expect(got).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  for (const reader of readers) reader.unsubscribe();
});
