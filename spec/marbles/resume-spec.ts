// When frames of the resume layer leave: marbles of one end, whose other end is written by hand.

import { concat, map, mergeMap, NEVER, Observable, of, Subject } from 'rxjs';
import { type ResumableOptions, type ResumableSession, type ResumeConnection, resumable, resumed } from 'rxkcp/resume';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type ResumeFrame } from '../../src/core/resume/frame.ts';
import { testScheduler, text, words } from '../support/marbles.ts';

const id = new Uint8Array(16).fill(1);
const secret = new Uint8Array(16).fill(2);
const random = (target: Uint8Array): void => void target.fill(target.length === 16 ? 1 : 0);
const windows = { windowMessages: 4, windowBytes: 100 };

/** Frames to write in marbles. */
const welcome = (epoch: number, received = 0): Uint8Array =>
  encodeFrame({ kind: 'welcome', secret, epoch, received, expireAfter: 1000, ...windows });
const hello = (epoch: number, received = 0): Uint8Array =>
  encodeFrame({ kind: 'hello', id, secret, epoch, received, ...windows });
const data = (number: number, ack = 0, payload = 'x'): Uint8Array =>
  encodeFrame({ kind: 'data', number, ack, payload: text(payload) });
const ack = (number: number): Uint8Array => encodeFrame({ kind: 'ack', ack: number });

/** A frame in words. */
function label(bytes: Uint8Array): string {
  const frame: ResumeFrame = decodeFrame(bytes);
  switch (frame.kind) {
    case 'hello':
      return `hello ${frame.epoch} received ${frame.received}`;
    case 'welcome':
      return `welcome ${frame.epoch} received ${frame.received}`;
    case 'data':
      return `${frame.payload.length > 0 ? words(frame.payload) : 'fin'} ${frame.number} ack ${frame.ack}`;
    case 'ack':
      return `ack ${frame.ack}`;
    case 'farewell':
      return `farewell ${frame.reason} sent ${frame.sent} ack ${frame.ack}`;
  }
}

/** A connection that hears `incoming`, and says what `said` emits. */
function connection(incoming: Observable<Uint8Array>): ResumeConnection & { readonly said: Observable<string> } {
  const said = new Subject<Uint8Array>();
  return {
    subscribe: (observer) => incoming.subscribe(observer),
    next: (frame) => said.next(frame),
    complete: () => said.complete(),
    said: said.pipe(map(label)),
  };
}

/** A client whose connections hear these, one after the other; what it says, and its session. */
function client(heard: Observable<Uint8Array>[], options: ResumableOptions = {}) {
  const connections = heard.map(connection);
  const waiting = [...connections];
  const dial = new Observable<ResumeConnection>((subscriber) => {
    const next = waiting.shift();
    if (next) subscriber.next(next);
  });
  const reconnect = { first: 100, most: 100, random: () => 0.5 };
  return { said: connections.map(({ said }) => said), session$: resumable(dial, { random, reconnect, ...options }) };
}

describe('marbles: a resumable session', () => {
  test('begins with a hello, and says at once that it has heard the welcome', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const { said, session$ } = client([concat(cold('5ms (w|)', { w: welcome(1) }), NEVER)]);
      expectObservable(said[0] as Observable<string>, '^ 100ms !').toBe('h 4ms a', {
        h: 'hello 0 received 0',
        a: 'ack 0',
      });
      expectObservable(session$.pipe(map(({ id: name }) => name)), '^ 100ms !').toBe('5ms i', { i: '01'.repeat(16) });
    });
  });

  test('acknowledges after ackDelay, with the next message, or when a quarter of the window is full', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const frames = { w: welcome(1), a: data(1), b: data(2), c: data(3), d: data(4) };
      // A window of 8: each second message is acknowledged at once.
      const heard = cold('w 99ms a 99ms b 99ms (cd)', frames);
      const { said, session$ } = client([concat(heard, NEVER)], { windowMessages: 8 });
      const sessions = session$.pipe(
        mergeMap((session) => {
          session.subscribe();
          session.messages$.subscribe((message) => {
            if (message && session.received === 2) session.next(text('reply'));
          });
          return NEVER;
        }),
      );
      expectObservable(said[0] as Observable<string>, '^ 400ms !').toBe('(hw) 116ms a 79ms r 99ms d', {
        h: 'hello 0 received 0',
        w: 'ack 0',
        a: 'ack 1',
        r: 'reply 1 ack 2',
        d: 'ack 4',
      });
      expectObservable(sessions, '^ 400ms !').toBe('');
    });
  });

  test('resends, over the next connection, what the welcome does not say was received', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const first = cold('w 19ms # ', { w: welcome(1) });
      // The pause lasts 50 ms.
      const second = concat(cold('5ms (w|)', { w: welcome(2, 1) }), NEVER);
      const { said, session$ } = client([first, second]);
      const sessions = session$.pipe(
        mergeMap((session) => {
          for (const word of ['a', 'b', 'c']) session.next(text(word));
          return session.connected$;
        }),
      );
      expectObservable(said[0] as Observable<string>).toBe('(hwabc)', {
        h: 'hello 0 received 0',
        w: 'ack 0',
        a: 'a 1 ack 0',
        b: 'b 2 ack 0',
        c: 'c 3 ack 0',
      });
      expectObservable(said[1] as Observable<string>, '^ 200ms !').toBe('70ms h 4ms (bc)', {
        h: 'hello 1 received 0',
        b: 'b 2 ack 0',
        c: 'c 3 ack 0',
      });
      expectObservable(sessions, '^ 200ms !').toBe('t 19ms f 54ms t', { t: true, f: false });
    });
  });

  test('takes what the window of the peer allows, with a connection or without', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const frames = { w: welcome(1), a: ack(2) };
      const { session$ } = client([
        concat(cold('w 9ms #', frames)),
        concat(cold('w 9ms a', { w: welcome(2), a: ack(2) }), NEVER),
      ]);
      const taken = session$.pipe(
        mergeMap((session) =>
          of(1, 2, 3, 4, 5, 6, 7).pipe(
            mergeMap((number) => session.send$(Uint8Array.of(number)).pipe(map(() => number))),
          ),
        ),
      );
      // Of a window of four; the two behind it when two are acknowledged, over the second connection.
      expectObservable(taken.pipe(map(String)), '^ 200ms !').toBe('(1234) 64ms (56)');
    });
  });

  test('expires when it was without a connection for as long as the server has said', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const { session$ } = client([cold('w 9ms #', { w: welcome(1) })]);
      const ended = session$.pipe(
        mergeMap((session) => session.closed$),
        map(({ error }) => (error as { code: string }).code),
      );
      expectObservable(ended).toBe('1010ms (e|)', { e: 'ERR_RESUME_EXPIRED' });
    });
  });

  test('goes in good order: the end of messages, its acknowledgment, a last word, the end of the connection', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const { said, session$ } = client([concat(cold('w 29ms a', { w: welcome(1), a: ack(2) }), NEVER)]);
      const ended = session$.pipe(
        mergeMap((session) => {
          session.next(text('a'));
          session.complete();
          return session.closed$;
        }),
        map(({ reason }) => reason),
      );
      expectObservable(said[0] as Observable<string>).toBe('(hwaf) 24ms (g|)', {
        h: 'hello 0 received 0',
        w: 'ack 0',
        a: 'a 1 ack 0',
        f: 'fin 2 ack 0',
        g: 'farewell done sent 2 ack 0',
      });
      expectObservable(ended).toBe('30ms (e|)', { e: 'completed' });
    });
  });
});

describe('marbles: a server', () => {
  test('answers a hello, and refuses the handshake that does not come', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const one = connection(concat(cold('10ms (h|)', { h: hello(0) }), NEVER));
      const two = connection(NEVER);
      const sessions = of(one, two).pipe(
        concatNever,
        resumed({ random, handshakeTimeout: 100 }),
        map((session: ResumableSession) => session.id.slice(0, 2)),
      );
      expectObservable(one.said, '^ 200ms !').toBe('10ms w', { w: 'welcome 1 received 0' });
      expectObservable(two.said, '^ 200ms !').toBe('100ms |');
      expectObservable(sessions, '^ 200ms !').toBe('10ms s', { s: '01' });
    });
  });

  test('keeps a session for expireAfter, and ends it then', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const incoming = cold('h 99ms #', { h: hello(0) });
      const ends = of(connection(incoming)).pipe(
        resumed({ random, expireAfter: 500 }),
        mergeMap((session) => session.closed$),
        map(({ error }) => (error as { kind: string }).kind),
      );
      // The source has completed: so does the result, with its last session.
      expectObservable(ends).toBe('600ms (e|)', { e: 'expired' });
      expectSubscriptions(incoming.subscriptions).toBe('^ 99ms !');
    });
  });
});

/** The source, and no end. */
function concatNever<T>(source: Observable<T>): Observable<T> {
  return concat(source, NEVER);
}

test('the labels are those of frames', () => {
  expect(label(data(3, 2, ''))).toBe('fin 3 ack 2');
});
