import { Duplex, PassThrough } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import { EMPTY, NEVER, Observable, of, retry, Subject, switchMap, throwError } from 'rxjs';
import {
  type Burst,
  type CustomLink,
  connect,
  dataChannelLink,
  InvalidBurstError,
  type Link,
  LinkSpentError,
  listen,
  memoryNetwork,
  memoryPair,
  messagePortLink,
  OptionError,
  type PeerBurst,
  type Session,
  salsa20,
} from 'rxkcp';
import { fromDuplex } from 'rxkcp/node';
import { impair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { push, text, words } from '../support/marbles.ts';

/** What becomes of a session over `link`. */
function sessionOver(link: CustomLink, options: object = {}): { session: Session; events: unknown[] } {
  const events: unknown[] = [];
  let opened: Session | undefined;
  connect({ link, conv: 1, mode: 'fast3', scheduler: new VirtualScheduler(), ...options }).subscribe({
    next: (session) => {
      opened = session;
      session.subscribe({
        next: (message) => events.push(words(message)),
        error: (error) => events.push(error),
        complete: () => events.push('complete'),
      });
    },
    error: (error) => events.push(['connect', error]),
  });
  return { session: opened as Session, events };
}

const deaf = { next: () => {} };
const burst = [push(0, 'hello')];

/** An Observable of another library: `subscribe` is all it has. */
const foreign = <T>(...values: T[]) => ({
  subscribe(observer: { next(value: T): void }) {
    for (const value of values) observer.next(value);
    return { unsubscribe() {} };
  },
});

/** One that is known by its symbol alone, as those of other copies of RxJS are. */
const interop = <T>(...values: T[]) => ({ '@@observable': () => of(...values), ...symbolOf(of(...values)) });
const symbolOf = <T>(source: Observable<T>) =>
  Object.fromEntries(
    Reflect.ownKeys(Observable.prototype)
      .filter((key) => String(key).includes('bservable'))
      .map((key) => [key, () => source]),
  );

describe('a custom link may have as its incoming', () => {
  test.each<[string, unknown]>([
    ['an Observable', of(burst)],
    ['an Observable of another library', foreign(burst)],
    ['an interoperable Observable', interop(burst)],
  ])('%s', (_, incoming) => {
    const link = { incoming, outgoing: deaf } as CustomLink;
    expect(sessionOver(link).events[0]).toBe('hello');
    expect(sessionOver(impair({ loss: 0 })(link)).events[0]).toBe('hello');
  });

  test('an async iterable', async () => {
    async function* bursts(): AsyncGenerator<Burst> {
      yield burst;
      yield [push(1, 'and more')];
      await new Promise(() => {});
    }
    const { events } = sessionOver({ incoming: bursts(), outgoing: deaf });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(events).toEqual(['hello', 'and more']);
  });

  test('an Observable that is unsubscribed from when the session ends', () => {
    let subscribed = 0;
    const incoming = {
      subscribe: () => {
        subscribed++;
        return { unsubscribe: () => subscribed-- };
      },
    };
    const { session } = sessionOver({ incoming, outgoing: deaf });
    expect(subscribed).toBe(1);
    session.close();
    expect(subscribed).toBe(0);
  });

  test.each([undefined, null, 7, 'bursts', {}, [], Promise.resolve([])])('nothing else, such as %o', (incoming) => {
    expect(() => connect({ link: { incoming, outgoing: deaf } as never })).toThrow(OptionError);
    expect(() => listen({ link: { incoming, outgoing: deaf } as never })).toThrow(OptionError);
  });

  test('fields that are getters of a class', () => {
    class Own {
      get incoming() {
        return of(burst);
      }
      get outgoing() {
        return deaf;
      }
      get remote() {
        return { address: '192.0.2.1', port: 7 };
      }
    }
    const { session, events } = sessionOver(new Own());
    expect(events[0]).toBe('hello');
    expect(session.remote?.port).toBe(7);
  });
});

describe('what a custom link emits', () => {
  const datagram = push(0, 'hello');
  const cases: [string, unknown, RegExp][] = [
    ['a bare datagram', datagram, /got 29 bytes \(emit \[datagram\]\)/],
    ['ArrayBuffers', [datagram.buffer], /got an array with ArrayBuffer \(emit new Uint8Array\(buffer\)\)/],
    ['numbers', [[...datagram]], /got an array with Array/],
    ['strings', ['hello'], /got an array with "hello"/],
    ['bursts in a burst', [[datagram]], /got an array with Array/],
    ['a string', 'hello', /got "hello"/],
    ['nothing', undefined, /got undefined/],
  ];

  test.each(cases)('ends its session if it is no burst: %s', (_, wrong, message) => {
    for (const options of [{}, { cipher: salsa20(new Uint8Array(32)) }, { fec: { data: 2, parity: 1 } }]) {
      const incoming = new Subject<Burst>();
      const { session, events } = sessionOver({ incoming, outgoing: deaf }, options);
      incoming.next(wrong as Burst);
      expect(events).toEqual([expect.any(InvalidBurstError)]);
      expect((events[0] as Error).message).toMatch(message);
      expect(session.closed).toBe(true);
      expect(session.snmp().InBytes).toBe(0);
      expect(incoming.observed).toBe(false);
    }
  });

  test('may be an empty burst', () => {
    const { events } = sessionOver({ incoming: of([], burst), outgoing: deaf });
    expect(events).toEqual(['hello', 'complete']);
  });

  test.each(cases)('ends the server if it is no burst of a peer: %s', (_, wrong) => {
    for (const value of [wrong, { peer: { address: '192.0.2.1', port: 7 }, burst: wrong }]) {
      const incoming = new Subject<PeerBurst>();
      const errors: unknown[] = [];
      const { hub } = memoryNetwork();
      listen({ link: { ...hub, incoming }, scheduler: new VirtualScheduler() }).subscribe({
        error: (error) => errors.push(error),
      });
      incoming.next(value as PeerBurst);
      expect(errors).toEqual([expect.any(InvalidBurstError)]);
    }
  });
});

describe('a link that throws', () => {
  const failure = new DOMException('readyState is not "open"', 'InvalidStateError');

  test('from its first datagram on: the session fails with that error', () => {
    const scheduler = new VirtualScheduler();
    let calls = 0;
    const outgoing = {
      next: () => {
        calls++;
        throw failure;
      },
    };
    const { session, events } = sessionOver({ incoming: NEVER, outgoing }, { scheduler });
    session.next(text('a'));
    scheduler.run();
    expect(events).toEqual([failure]);
    expect(calls).toBe(1);
  });

  test('at a retransmission, as a data channel does that has closed', async () => {
    const scheduler = new VirtualScheduler();
    let open = true;
    const outgoing = {
      next: () => {
        if (!open) throw failure;
      },
    };
    const { session, events } = sessionOver({ incoming: NEVER, outgoing }, { scheduler });
    session.next(text('a'));
    session.next(new Uint8Array(300_000));
    const sending = session.send(text('b'));
    open = false;
    scheduler.run(10_000);
    expect(events).toEqual([failure]);
    await expect(sending).rejects.toBe(failure);
  });

  test('behind an impairment that holds datagrams back', () => {
    const scheduler = new VirtualScheduler();
    const throwing = {
      incoming: NEVER,
      outgoing: {
        next: () => {
          throw failure;
        },
      },
    };
    const { session, events } = sessionOver(impair({ delay: 30, scheduler })(throwing), { scheduler });
    session.next(text('a'));
    expect(events).toEqual([]);
    scheduler.run(10_000);
    expect(events).toEqual([failure]);
  });
});

describe('a link that is spent', () => {
  const channel = () =>
    Object.assign(new EventTarget(), {
      readyState: 'open',
      binaryType: 'arraybuffer',
      bufferedAmount: 0,
      send: () => {},
      close: () => {},
    });
  const kinds: [string, () => () => Link][] = [
    [
      'messagePortLink',
      () => {
        const { port1 } = new MessageChannel();
        return () => messagePortLink(port1);
      },
    ],
    [
      'fromDuplex',
      () => {
        const duplex = new PassThrough();
        return () => fromDuplex(duplex);
      },
    ],
    [
      'dataChannelLink',
      () => {
        const one = channel();
        return () => dataChannelLink(one);
      },
    ],
  ];

  test.each(kinds)('%s fails a second session, with the same link or another one', (_, make) => {
    const linkOf = make();
    const link = linkOf();
    const first = sessionOver(link);
    expect(first.session.closed).toBe(false);
    first.session.close();
    for (const again of [link, linkOf()]) expect(sessionOver(again).events).toEqual([expect.any(LinkSpentError)]);
  });

  test.each(kinds)('%s makes retry() give up with that error, rather than hang', (_, make) => {
    const link = make()();
    const errors: unknown[] = [];
    const attempts = connect({ link, conv: 1, mode: 'fast3', deadLink: 2, scheduler: new VirtualScheduler() }).pipe(
      switchMap((session) => {
        session.error(new Error('lost'));
        return session;
      }),
      retry(1),
    );
    attempts.subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual([expect.any(LinkSpentError)]);
  });

  test('is a stream that its peer has ended', async () => {
    const duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const first = sessionOver(fromDuplex(duplex));
    duplex.push(null);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(first.events).toEqual(['complete']);
    expect(sessionOver(fromDuplex(duplex)).events).toEqual([expect.any(LinkSpentError)]);
  });

  test('is none of memory, nor one of an Observable that can be subscribed to again', () => {
    for (const link of [memoryPair()[0], { incoming: NEVER, outgoing: deaf }]) {
      sessionOver(link).session.close();
      expect(sessionOver(link).session.closed).toBe(false);
    }
  });
});

describe('an impaired link', () => {
  test('ends with the link in it', () => {
    expect(sessionOver(impair({ loss: 0 })({ incoming: EMPTY, outgoing: deaf })).events).toEqual(['complete']);
    const failure = new Error('link down');
    const failing = { incoming: throwError(() => failure), outgoing: deaf };
    expect(sessionOver(impair({ loss: 0 })(failing)).events).toEqual([failure]);
  });

  test('sends nothing any more, and sets no timer, when its session is unsubscribed from', () => {
    const scheduler = new VirtualScheduler();
    let sent = 0;
    const link = impair({ delay: 5000, scheduler })({ incoming: NEVER, outgoing: { next: () => sent++ } });
    const subscription = connect({ link, conv: 1, scheduler }).subscribe((session) => session.next(text('a')));
    subscription.unsubscribe();
    scheduler.run();
    expect([scheduler.now(), sent]).toEqual([0, 0]);
  });

  test('carries another session after that', () => {
    const scheduler = new VirtualScheduler();
    const sent: number[] = [];
    const link = impair({ delay: 50, scheduler })({
      incoming: NEVER,
      outgoing: { next: () => sent.push(scheduler.now()) },
    });
    connect({ link, conv: 1, scheduler })
      .subscribe((session) => session.next(text('a')))
      .unsubscribe();
    scheduler.run(10);
    const subscription = connect({ link, conv: 1, scheduler }).subscribe((session) => session.next(text('b')));
    scheduler.run(100);
    subscription.unsubscribe();
    expect(sent).toEqual([60]);
  });

  test('fails its session with what `watch` throws, at once or in a wake-up, in either direction', () => {
    const failure = new Error('watch');
    for (const what of ['sent', 'delivered']) {
      for (const direction of ['outgoing', 'incoming']) {
        const scheduler = new VirtualScheduler();
        const incoming = new Subject<Burst>();
        const watch = (event: { what: string; direction: string }): void => {
          if (event.what === what && event.direction === direction) throw failure;
        };
        const link = impair({ delay: 20, scheduler, watch })({ incoming, outgoing: deaf });
        const { session, events } = sessionOver(link, { scheduler });
        if (direction === 'outgoing') session.next(text('a'));
        else incoming.next(burst);
        scheduler.run(100);
        expect(events).toEqual([failure]);
      }
    }
  });
});
