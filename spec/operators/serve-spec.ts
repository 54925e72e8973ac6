import {
  concatMap,
  config,
  EMPTY,
  interval,
  map,
  mergeMap,
  type Observable,
  Subject,
  take,
  tap,
  throwError,
} from 'rxjs';
import {
  type Burst,
  connect,
  DeadLinkError,
  listen,
  type MemoryNetwork,
  memoryNetwork,
  OptionError,
  type Session,
  type SessionEnd,
} from 'rxkcp';
import { decodeJson, type ServeOptions, type Serving, sendTo, serve } from 'rxkcp/operators';
import { VirtualScheduler } from 'rxkcp/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { text, words } from '../support/marbles.ts';

const unhandled: unknown[] = [];
beforeEach(() => {
  unhandled.length = 0;
  config.onUnhandledError = (error) => unhandled.push(error);
});
afterEach(() => {
  config.onUnhandledError = null;
});

/** A server in virtual time, and what becomes of its sessions. */
class Bench {
  readonly scheduler = new VirtualScheduler();
  readonly network: MemoryNetwork = memoryNetwork();
  readonly sessions: Session[] = [];
  readonly ends: SessionEnd['reason'][] = [];
  readonly errors: { error: unknown; session: number }[] = [];
  readonly server;

  constructor(handler: (session: Session) => Serving, options: ServeOptions = {}) {
    const onError = (error: unknown, session: Session): void =>
      void this.errors.push({ error, session: this.sessions.indexOf(session) });
    this.server = listen({ link: this.network.hub, scheduler: this.scheduler, mode: 'fast3', deadLink: 3 })
      .pipe(
        tap((session) => {
          this.sessions.push(session);
          session.closed$.subscribe(({ reason }) => this.ends.push(reason));
        }),
        serve(handler, { onError, ...options }),
      )
      .subscribe();
  }

  /** A client that says `words`, and what it has received. */
  client(...said: string[]): { session: Session; received: string[]; vanish(): void } {
    const link = this.network.link();
    let isGone = false;
    const vanish = (): void => {
      isGone = true;
    };
    const received: string[] = [];
    const outgoing = { next: (burst: readonly Uint8Array[]) => void (isGone || link.outgoing.next(burst)) };
    const incoming = link.incoming.pipe(mergeMap((burst) => (isGone ? EMPTY : [burst])));
    let session: Session | undefined;
    connect({ link: { ...link, incoming, outgoing }, scheduler: this.scheduler, mode: 'fast3' }).subscribe((opened) => {
      session = opened;
    });
    session?.subscribe({ next: (message) => received.push(words(message)), error: () => {} });
    for (const word of said) session?.next(text(word));
    return { session: session as Session, received, vanish };
  }

  run(ms: number): void {
    this.scheduler.run(this.scheduler.now() + ms);
  }
}

/** Promises have had their turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('serve', () => {
  test('runs a handler for each session, of any form, and unsubscribing from it closes all', async () => {
    const forms: ((session: Session) => Serving)[] = [
      (session) => session.pipe(sendTo(session)),
      (session) => session.subscribe(session),
      (session) => void session.subscribe(session),
      async (session) => {
        for await (const message of session) await session.send(message);
      },
      async function* (session) {
        for await (const message of session) yield session.next(message);
      },
    ];
    const bench: Bench = new Bench((session) => forms[bench.sessions.indexOf(session)]?.(session));
    const clients = forms.map((_, i) => bench.client(`${i}`));
    await turn();
    bench.run(100);
    expect(clients.map(({ received }) => received)).toEqual(forms.map((_, i) => [`${i}`]));
    bench.server.unsubscribe();
    expect(bench.ends).toEqual(forms.map(() => 'closed'));
    await turn();
    expect([bench.errors, unhandled]).toEqual([[], []]);
  });

  test('completes a session when its handler has: what was sent still arrives', async () => {
    const bench: Bench = new Bench((session) => session.send$(text('bye')));
    const client = bench.client('x');
    bench.run(10_000);
    expect(client.received).toEqual(['bye']);
    expect(bench.ends).toEqual(['completed']);
    const promised = new Bench((session) => session.send(text('bye')));
    promised.client('x');
    await turn();
    promised.run(10_000);
    expect(promised.ends).toEqual(['completed']);
  });

  test('closes only the session whose handler throws, rejects or errors, and reports each once', async () => {
    const failures = [0, 1, 2, 3].map((i) => new Error(`${i}`));
    const bench: Bench = new Bench((session): Serving => {
      const i = bench.sessions.indexOf(session);
      if (i === 0) throw failures[0];
      if (i === 1) return Promise.reject(failures[1]);
      if (i === 2) return throwError(() => failures[2]);
      if (i === 3) session.error(failures[3]);
      return session.pipe(sendTo(session));
    });
    const clients = [0, 1, 2, 3, 4].map((i) => bench.client(`${i}`));
    await turn();
    bench.run(100);
    expect(bench.errors.sort((a, b) => a.session - b.session)).toEqual(
      failures.map((error, session) => ({ error, session })),
    );
    expect(bench.sessions.map(({ closed }) => closed)).toEqual([true, true, true, true, false]);
    expect(clients[4]?.received).toEqual(['4']);
    expect(unhandled).toEqual([]);
  });

  test('reports what a client makes an operator throw, and serves the next', () => {
    const bench: Bench = new Bench((session) =>
      session.pipe(
        decodeJson(),
        map((value) => text(JSON.stringify(value))),
        sendTo(session),
      ),
    );
    bench.client('no json\n');
    const client = bench.client('{"a":1}\n');
    bench.run(100);
    expect(bench.errors).toMatchObject([{ error: { code: 'ERR_INVALID_JSON' }, session: 0 }]);
    expect(client.received).toEqual(['{"a":1}']);
  });

  test('says nothing of peers that vanish, whatever their handlers were doing, and stops those', async () => {
    const stopped: number[] = [];
    const rejected: unknown[] = [];
    let leave = (): void => {};
    const gone = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const endless = (i: number): Observable<number> =>
      interval(100, bench.scheduler).pipe(tap({ unsubscribe: () => stopped.push(i) }));
    const forms: ((session: Session) => Serving)[] = [
      // Pushes; reads nothing.
      (session) => endless(0).pipe(tap(() => session.next(text('tick')))),
      (session) =>
        endless(1).pipe(
          map(() => text('tick')),
          sendTo(session),
        ),
      (session) =>
        endless(2)
          .pipe(map(() => text('tick')))
          .subscribe(session),
      // Reads, and answers with something endless.
      (session) =>
        session.pipe(
          mergeMap(() => endless(3)),
          tap(() => session.next(text('tick'))),
        ),
      async (session) => {
        await gone;
        // More than the window takes.
        for (let i = 0; i < 1000; i++) {
          await session.send(text('x')).catch((error) => {
            rejected.push(error);
            throw error;
          });
        }
      },
      (session) => session.subscribe({ next: (message) => session.next(message) }),
    ];
    const bench: Bench = new Bench((session) => forms[bench.sessions.indexOf(session)]?.(session));
    const clients = forms.map((_, i) => bench.client(`${i}`));
    await turn();
    for (const { vanish } of clients) vanish();
    leave();
    await turn();
    clients[5]?.session.next(text('on its way'));
    for (const session of bench.sessions) session.next(text('unanswered'));
    for (let i = 0; i < 100; i++) {
      bench.run(600);
      await turn();
    }
    expect(bench.ends).toEqual(forms.map(() => 'failed'));
    expect(stopped.sort()).toEqual([0, 1, 2, 3]);
    expect(rejected).toEqual([expect.any(DeadLinkError)]);
    expect([bench.errors, unhandled]).toEqual([[], []]);
    const next = bench.client('next');
    await turn();
    bench.run(100);
    expect([next.session.closed, bench.sessions.length]).toEqual([false, forms.length + 1]);
  });

  test('reports peers that vanish where peerLoss is error', () => {
    const scheduler = new VirtualScheduler();
    const network = memoryNetwork();
    const errors: unknown[] = [];
    listen({ link: network.hub, scheduler, mode: 'fast3', idleTimeout: 1000, peerLoss: 'error' })
      .pipe(serve((session) => session, { onError: (error) => errors.push(error) }))
      .subscribe();
    const link = network.link();
    let isCut = false;
    const cut = { ...link, outgoing: { next: (burst: Burst) => !isCut && link.outgoing.next(burst) } };
    const dialling = connect({ link: cut, scheduler }).subscribe((session) => session.next(text('x')));
    isCut = true;
    dialling.unsubscribe();
    scheduler.run(10_000);
    expect(errors).toMatchObject([{ code: 'ERR_IDLE_TIMEOUT' }]);
  });

  test('finishes its work when the session has ended well', () => {
    const done: string[] = [];
    const work = new Subject<void>();
    const save = (message: Uint8Array): Observable<unknown> =>
      work.pipe(
        tap(() => done.push(words(message))),
        take(1),
      );
    const bench: Bench = new Bench((session) => session.pipe(concatMap(save)));
    bench.client('1', '2');
    bench.run(10);
    bench.sessions[0]?.complete();
    bench.run(10_000);
    expect(bench.ends).toEqual(['completed']);
    work.next();
    work.next();
    expect(done).toEqual(['1', '2']);
    expect(work.observed).toBe(false);
  });

  test('runs no more handlers at a time than asked for: other sessions wait, unread', () => {
    const bench: Bench = new Bench((session) => session.pipe(sendTo(session)), { concurrent: 1 });
    const first = bench.client('1');
    const second = bench.client('2');
    bench.run(100);
    expect([first.received, second.received]).toEqual([['1'], []]);
    expect(bench.sessions[1]?.stats().unread).toBe(1);
    bench.sessions[0]?.close();
    bench.run(100);
    expect(second.received).toEqual(['2']);
  });

  test('passes on what ends the source', () => {
    const network = memoryNetwork();
    const errors: unknown[] = [];
    listen({ link: network.hub }).subscribe();
    listen({ link: network.hub })
      .pipe(serve(() => {}))
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors).toMatchObject([{ code: 'ERR_LINK_IN_USE' }]);
  });

  test('writes to the console unless it is given onError, and to nothing else', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      const failure = new Error('mine');
      const bench: Bench = new Bench(() => throwError(() => failure), { onError: undefined });
      bench.client('x');
      expect(log.mock.calls).toEqual([
        ['rxkcp: the handler of the session with 127.0.0.1, port 1025, failed, and the session was closed:', failure],
      ]);
      expect(unhandled).toEqual([]);
    } finally {
      log.mockRestore();
    }
  });

  test('reports what onError throws as unhandled, and goes on', () => {
    const failure = new Error('in onError');
    const bench: Bench = new Bench(() => throwError(() => new Error('x')), {
      onError: () => {
        throw failure;
      },
    });
    bench.client('1');
    bench.client('2');
    expect(bench.ends).toEqual(['closed', 'closed']);
    return new Promise<void>((resolve) => setTimeout(resolve)).then(() =>
      expect(unhandled).toEqual([failure, failure]),
    );
  });

  test('refuses wrong options', () => {
    expect(() => serve('no' as never)).toThrow(OptionError);
    expect(() => serve(() => {}, { concurrent: 0 })).toThrow(OptionError);
    expect(() => serve(() => {}, { onError: 1 as never })).toThrow(OptionError);
    expect(() => serve(() => {}, { concurent: 1 } as never)).toThrow('did you mean concurrent?');
  });
});
