import {
  audit,
  bufferCount,
  concatMap,
  exhaustMap,
  filter,
  from,
  interval,
  map,
  NEVER,
  type Observable,
  range,
  Subject,
  take,
  tap,
} from 'rxjs';
import {
  type Burst,
  connect,
  DeadLinkError,
  InvalidMessageError,
  type Message,
  memoryPair,
  OptionError,
  SendQueueFullError,
  type Session,
  SessionClosedError,
  type SessionEnd,
} from 'rxkcp';
import { converse, sendTo } from 'rxkcp/operators';
import { impair } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { ack, testScheduler, text, words } from '../support/marbles.ts';
import { open, pair } from '../support/sessions.ts';

/** Both ends, with `delay` ms of network between them and room for `sendWindow` segments. */
function apart(scheduler: ReturnType<typeof testScheduler>, delay: number, sendWindow: number): [Session, Session] {
  const [left, right] = memoryPair();
  const options = { scheduler, sendWindow, ackNoDelay: true };
  return [open(impair({ delay, scheduler })(left), options), open(right, options)];
}

const encoded = (source: Observable<string>): Observable<Uint8Array> => source.pipe(map(text));
/** What is emitted when a message was taken. */
const x = undefined;

describe('send$', () => {
  test('in concatMap: emits within the call while the window is open', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const [near, far] = apart(scheduler, 0, 128);
      const source = cold('(abc)---d|');
      const sending = encoded(source).pipe(concatMap((message) => near.send$(message)));
      expectObservable(sending, '^ 99ms !').toBe('(xxx)---x|', { x });
      expectObservable(far.pipe(map(words)), '^ 99ms !').toBe('(abc)---d');
      expectSubscriptions(source.subscriptions).toBe('^--------!');
    });
  });

  test('in concatMap: waits for the acks while the window is full', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const [near, far] = apart(scheduler, 20, 2);
      const sending = encoded(cold('(abcde|)')).pipe(concatMap((message) => near.send$(message)));
      expectObservable(sending, '^ 199ms !').toBe('(xx) 36ms (xx) 36ms (x|)', { x });
      expectObservable(far.pipe(map(words)), '^ 199ms !').toBe('20ms (ab) 36ms (cd) 36ms e');
    });
  });

  test('is cold, and sends once for each subscription', () => {
    const [a, b] = pair();
    const seen: string[] = [];
    b.subscribe((message) => seen.push(words(message)));
    const sending = a.send$(text('x'));
    expect(seen).toEqual([]);
    sending.subscribe();
    sending.subscribe();
    expect(seen).toEqual(['x', 'x']);
  });

  test('sends what is no longer waited for', () => {
    const incoming = new Subject<Burst>();
    const session = open({ incoming, outgoing: new Subject<Burst>() }, { sendWindow: 1 });
    session.next(text('1'));
    let taken = 0;
    session
      .send$(text('2'))
      .subscribe(() => taken++)
      .unsubscribe();
    incoming.next([ack(0, 0, 1)]);
    expect(session.stats()).toMatchObject({ inFlight: 1, queued: 0, bytesSent: 2 });
    expect(taken).toBe(0);
    session.close();
  });

  test('fails as send rejects', () => {
    const [a] = pair();
    const errors: unknown[] = [];
    const note = { error: (error: unknown) => errors.push(error) };
    a.send$(new Uint8Array(0)).subscribe(note);
    expect(a.closed).toBe(false);
    a.close();
    a.send$(text('x')).subscribe(note);
    expect(errors).toEqual([new InvalidMessageError(new Uint8Array(0)), new SessionClosedError(1)]);
  });
});

describe('congested$', () => {
  test('tells whether the window is full: first what is, then what changes', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const [near] = apart(scheduler, 20, 2);
      encoded(cold('--(ab)')).subscribe({ next: (message) => near.next(message) });
      cold('120ms a').subscribe(() => near.close());
      expectObservable(near.congested$).toBe('f-t 39ms f 77ms |', { f: false, t: true });
      expectObservable(near.congested$, '10ms ^').toBe('10ms t 31ms f 77ms |', { f: false, t: true });
    });
  });

  test('completes at once for whoever comes after the end', () => {
    const [a] = pair();
    a.close();
    const seen: unknown[] = [];
    a.congested$.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
    expect(seen).toEqual(['complete']);
  });

  test('gives all listeners changes in order, even if one of them sends', () => {
    const incoming = new Subject<Burst>();
    const session = open({ incoming, outgoing: new Subject<Burst>() }, { sendWindow: 1 });
    const seen: string[] = [];
    session.congested$.pipe(filter((full) => !full)).subscribe(() => session.next(text('again')));
    session.congested$.subscribe((full) => seen.push(full ? 'full' : 'open'));
    incoming.next([ack(0, 0, 1)]);
    incoming.next([ack(1, 0, 2)]);
    expect(seen).toEqual(['full', 'open', 'full', 'open', 'full']);
    session.close();
  });

  test('changes with the size of the window, too', () => {
    const [left] = memoryPair();
    const session = open(left, { sendWindow: 1 });
    const seen: boolean[] = [];
    session.congested$.subscribe((full) => seen.push(full));
    session.next(text('x'));
    session.configure({ sendWindow: 2 });
    expect(seen).toEqual([false, true, false]);
    session.close();
  });
});

describe('sendTo', () => {
  test('emits once for each message the window has taken, and completes when all are', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const [near, far] = apart(scheduler, 20, 2);
      const source = cold('a-b--c-d|');
      expectObservable(encoded(source).pipe(sendTo(near)), '^ 199ms !').toBe('x-x 37ms x-(x|)', { x });
      expectObservable(far.pipe(map(words)), '^ 199ms !').toBe('20ms a-b 37ms c-d');
      expectSubscriptions(source.subscriptions).toBe('^-------!');
      expect(near.closed).toBe(false);
    });
  });

  test('gives the session one message at a time: the others wait here', () => {
    const [left] = memoryPair();
    const session = open(left, { sendWindow: 1, sendQueueSegments: 1 });
    const sending = from([1, 2, 3, 4].map((n) => Uint8Array.of(n)))
      .pipe(sendTo(session))
      .subscribe();
    expect(session.stats()).toMatchObject({ inFlight: 1, queued: 1 });
    sending.unsubscribe();
    expect(session.stats().bytesSent).toBe(2);
    session.close();
  });

  test('lets go of its source when the session ends, and fails with what ended it', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const session = open(memoryPair()[0], { scheduler, deadLink: 2 });
      const source = cold('a 99ms b 999ms c');
      expectObservable(encoded(source).pipe(sendTo(session))).toBe(
        'x 99ms x 99ms #',
        { x },
        new DeadLinkError(1, { transmissions: 2, heardAgo: undefined }),
      );
      expectSubscriptions(source.subscriptions).toBe('^ 199ms !');
    });
  });

  test('fails with SessionClosedError when the session is closed, and does not subscribe to its source after that', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const [near] = apart(scheduler, 0, 128);
      const source = cold('a---b---c');
      scheduler.schedule(() => near.close(), 6);
      expectObservable(encoded(source).pipe(sendTo(near))).toBe('x---x-#', { x }, new SessionClosedError(1));
      expectObservable(encoded(source).pipe(sendTo(near)), '----------^').toBe(
        '----------#',
        {},
        new SessionClosedError(1),
      );
      expectSubscriptions(source.subscriptions).toBe('^-----!');
    });
  });

  test('passes an error of its source on at once, and the session lives on', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const [near] = apart(scheduler, 20, 1);
      expectObservable(encoded(cold('(ab)-#')).pipe(sendTo(near))).toBe('x----#', { x });
      scheduler.schedule(() => {
        expect(near.closed).toBe(false);
        near.close();
      }, 10);
    });
  });

  test('asks a synchronous source for no more than is wanted', () => {
    const [a] = pair();
    let produced = 0;
    range(0, 100_000)
      .pipe(
        tap(() => produced++),
        map(() => text('x')),
        sendTo(a),
        take(3),
      )
      .subscribe();
    expect(produced).toBe(3);
  });

  test('and concatMap over send$ take what the window has room for at once, however much that is', () => {
    for (const policy of [
      (session: Session) => sendTo(session),
      (session: Session) => concatMap((message: Message) => session.send$(message)),
    ]) {
      const incoming = new Subject<Burst>();
      const session = open({ incoming, outgoing: new Subject<Burst>() }, { sendWindow: 1 });
      let taken = 0;
      range(0, 16_000)
        .pipe(
          map(() => text('x')),
          policy(session),
        )
        .subscribe(() => taken++);
      expect(taken).toBe(1);
      session.configure({ sendWindow: 65_535 });
      expect(taken).toBe(16_000);
      session.close();
    }
  });

  test('sends in order what comes while it is about to emit', () => {
    const [a, b] = pair();
    const seen: string[] = [];
    b.subscribe((message) => seen.push(words(message)));
    const source = new Subject<Message>();
    let taken = 0;
    source.pipe(sendTo(a)).subscribe(() => {
      if (++taken === 1) for (const word of ['2', '3']) source.next(text(word));
    });
    source.next(text('1'));
    source.next(text('4'));
    expect(seen).toEqual(['1', '2', '3', '4']);
    expect(taken).toBe(4);
  });

  test('fails when more waits than its caps allow', () => {
    const [left] = memoryPair();
    const session = open(left, { sendWindow: 1 });
    const errorOf = (options: Parameters<typeof sendTo>[1], sizes: number[]): unknown => {
      let failure: unknown = 'none';
      from(sizes.map((size) => new Uint8Array(size)))
        .pipe(sendTo(session, options))
        .subscribe({ error: (error) => (failure = error) });
      return failure;
    };
    session.next(text('fills the window'));
    expect(errorOf({ queueMessages: 2 }, [1, 1, 1])).toBe('none');
    expect(errorOf({ queueMessages: 2 }, [1, 1, 1, 1])).toEqual(new SendQueueFullError('queueMessages', 2));
    expect(errorOf({ queueBytes: 10 }, [1, 100])).toBe('none');
    expect(errorOf({ queueBytes: 10 }, [1, 5, 5])).toBe('none');
    expect(errorOf({ queueBytes: 10 }, [1, 5, 6])).toEqual(new SendQueueFullError('queueBytes', 10));
    expect(errorOf({}, [1, 1, 0])).toEqual(new InvalidMessageError(new Uint8Array(0)));
    expect(new SendQueueFullError('queueMessages', 2).message).toMatch(/^over 2 messages wait /);
    expect(session.closed).toBe(false);
    session.close();
  });

  test('refuses options that are out of range, and unknown ones', () => {
    const [a] = pair();
    expect(() => sendTo(a, { queueMessages: 0 })).toThrow(OptionError);
    expect(() => sendTo(a, { queueBytes: 0.5 })).toThrow(OptionError);
    expect(() => sendTo(a, { queueByte: 1 } as never)).toThrow('did you mean queueBytes?');
  });
});

test('an echo that waits for the window sends all of it when its peer has finished, and then the session ends', () => {
  const scheduler = testScheduler();
  scheduler.run(({ cold, expectObservable, flush }) => {
    const [near, far] = memoryPair();
    const options = { conv: 1, mode: 'fast3', ackNoDelay: true, scheduler } as const;
    // Whoever echoes has room for one message of the eight, which arrive together.
    const client = open(impair({ delay: 20, scheduler })(near), { ...options, allowHalfOpen: true });
    const server = open(far, { ...options, sendWindow: 1 });
    const ends: SessionEnd[] = [];
    server.closed$.subscribe((end) => ends.push(end));
    server.pipe(sendTo(server)).subscribe();
    const echoes: string[] = [];
    client.pipe(map(words)).subscribe((word) => echoes.push(word));
    encoded(cold('(abcdefgh|)'))
      .pipe(sendTo(client))
      .subscribe({ complete: () => void client.finish() });
    expectObservable(NEVER, '5s !').toBe('');
    flush();
    expect(echoes.join('')).toBe('abcdefgh');
    expect(ends).toEqual([{ reason: 'peer' }]);
  });
});

describe('policies for a source that is faster than the network', () => {
  /** What of `0 … 9`, one a ms, gets to the other end, 20 ms away, through a window of two segments. */
  const through = (policy: (source: Observable<Uint8Array>, session: Session) => Observable<unknown>): number[][] => {
    const received: number[][] = [];
    const scheduler = testScheduler();
    scheduler.run(() => {
      const [near, far] = apart(scheduler, 20, 2);
      far.subscribe((message) => received.push([...message]));
      const source = interval(1).pipe(
        take(10),
        map((n) => Uint8Array.of(n)),
      );
      const sending = policy(source, near).subscribe();
      scheduler.schedule(() => {
        sending.unsubscribe();
        near.close();
        far.close();
      }, 500);
    });
    return received;
  };

  test('sendTo: all of it, in order', () => {
    expect(through((source, session) => source.pipe(sendTo(session))).flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('exhaustMap: what comes while one waits is dropped', () => {
    const sent = through((source, session) => source.pipe(exhaustMap((message) => session.send$(message))));
    expect(sent).toEqual([[0], [1], [2]]);
  });

  test('audit by congested$: only the latest is sent when the window opens', () => {
    const sent = through((source, session) =>
      source.pipe(
        audit(() => session.congested$.pipe(filter((full) => !full))),
        sendTo(session),
      ),
    );
    expect(sent).toEqual([[0], [1], [9]]);
  });

  test('bufferCount: several in one message', () => {
    const sent = through((source, session) => source.pipe(bufferCount(4), sendTo(session)));
    expect(sent).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });
});

test('a conversation across a bad network, backpressure included, is one marble test', () => {
  const scheduler = testScheduler();
  scheduler.run(({ cold, expectObservable }) => {
    const [near, far] = memoryPair();
    const options = { conv: 1, mode: 'fast3', sendWindow: 2, ackNoDelay: true, scheduler } as const;
    const link = impair({ delay: 20, blackouts: [{ at: 30, duration: 30 }], scheduler })(near);
    const sending = connect({ link, ...options }).pipe(
      converse((session) => encoded(cold('(abcde|)')).pipe(sendTo(session))),
    );
    const receiving = connect({ link: far, ...options }).pipe(converse((session) => session));
    // c and d wait for the acks of a and b, run into the blackout, and are sent again.
    expectObservable(receiving.pipe(map(words)), '^ 999ms !').toBe('20ms (ab) 156ms (cd) 36ms e');
    expectObservable(sending).toBe('(xx) 36ms (xx) 156ms x 39ms |', { x });
  });
});
