// The types of the public API. Vitest compiles this, and does not run it.

import type { Duplex } from 'node:stream';
import {
  type GroupedObservable,
  interval,
  map,
  type Observable,
  type Observer,
  type OperatorFunction,
  type SchedulerLike,
  type Subject,
  type Subscribable,
  type Subscription,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import {
  type Address,
  aesGcm,
  type Burst,
  type Cipher,
  type ConnectOptions,
  type CustomLink,
  connect,
  type Hub,
  type Link,
  listen,
  type Message,
  type ModeName,
  memoryNetwork,
  memoryPair,
  OptionError,
  type RxkcpError,
  type Session,
  type SessionEnd,
  type SessionStats,
  type Snmp,
  type SocketError,
} from 'rxkcp';
import { mux } from 'rxkcp/mux';
import { type ByteConversation, type DuplexOptions, fromDuplex, type StreamOptions, toDuplex } from 'rxkcp/node';
import {
  type Arq,
  arq,
  converse,
  convOf,
  decodeFrames,
  decodeJson,
  decodeLines,
  decrypt,
  encodeFrames,
  encodeJson,
  encodeLines,
  encrypt,
  groupPeers,
  multiplex,
  type PeerBurst,
  reconnecting,
  request,
  sendTo,
  serve,
  shareSession,
} from 'rxkcp/operators';
import { type ResumableSession, type ResumeConnection, type ResumeError, resumable, resumed } from 'rxkcp/resume';
import { toWebStreams, type WebStreams } from 'rxkcp/streams';
import { useScheduler, type VirtualHelpers, virtual } from 'rxkcp/testing';
import { describe, expectTypeOf, test } from 'vitest';

declare const session: Session;
declare const link: Link;
declare const hub: Hub;
declare const cipher: Cipher;
declare const duplex: Duplex;

describe('connect and listen', () => {
  test('make Observables of sessions', () => {
    expectTypeOf(connect({ port: 1 })).toEqualTypeOf<Observable<Session>>();
    expectTypeOf(connect({ link })).toEqualTypeOf<Observable<Session>>();
    expectTypeOf(listen({ port: 1 })).toEqualTypeOf<Observable<Session>>();
    expectTypeOf(listen({ link: hub, cipher, onListening: ({ port }) => void port })).toEqualTypeOf<
      Observable<Session>
    >();
  });

  test('take a port or a link, and nothing misspelt', () => {
    // @ts-expect-error: neither
    connect({});
    // @ts-expect-error: no such option
    connect({ port: 1, prot: 2 });
    // @ts-expect-error: a hub is not a link
    connect({ link: hub });
    // @ts-expect-error: a client's conversation is its own to choose, a server's is not
    listen({ port: 1, conv: 2 });
    // @ts-expect-error: no such mode
    connect({ port: 1, mode: 'fast4' });
  });

  test('take options that may be undefined', () => {
    expectTypeOf<{ port: number; mode: undefined; cipher: undefined }>().toExtend<ConnectOptions>();
    expectTypeOf<ModeName>().toEqualTypeOf<'normal' | 'fast' | 'fast2' | 'fast3'>();
  });
});

describe('operators on sessions', () => {
  test('fit behind connect and listen', () => {
    expectTypeOf(connect({ port: 1 }).pipe(converse((session) => session.pipe(decodeJson<number>())))).toEqualTypeOf<
      Observable<number>
    >();
    expectTypeOf(connect({ port: 1 }).pipe(converse(async (session) => session.conv))).toEqualTypeOf<
      Observable<number>
    >();
    expectTypeOf(listen({ port: 1 }).pipe(serve((session) => session.subscribe(session)))).toEqualTypeOf<
      Observable<never>
    >();
    expectTypeOf(sendTo(session)).toEqualTypeOf<OperatorFunction<Message, void>>();
    expectTypeOf(session.send$(new Uint8Array(1))).toEqualTypeOf<Observable<void>>();
  });

  test('take any handler but one whose result says nothing', () => {
    const sessions = listen({ port: 1 });
    sessions.pipe(serve(() => {}));
    sessions.pipe(serve(async () => {}));
    sessions.pipe(serve((each) => each.pipe(decodeJson())));
    sessions.pipe(
      serve(async function* (each) {
        yield* each;
      }),
    );
    // @ts-expect-error: a number
    sessions.pipe(serve(() => 1));
  });
});

describe('the faces of a session', () => {
  test('are an Observable, and an Observer', () => {
    expectTypeOf(session.messages$).toEqualTypeOf<Observable<Uint8Array>>();
    expectTypeOf(session.observer).toEqualTypeOf<Observer<Message>>();
    expectTypeOf(session.congested$).toEqualTypeOf<Observable<boolean>>();
    // @ts-expect-error: nothing to read there
    session.observer.subscribe();
    // @ts-expect-error: nothing to send by there
    session.messages$.next(new Uint8Array(1));
  });
});

describe('a session', () => {
  test('is an Observable, an Observer and an async iterable of bytes', () => {
    expectTypeOf(session).toExtend<Observable<Uint8Array>>();
    expectTypeOf(session).toExtend<Observer<Uint8Array>>();
    expectTypeOf(session).toExtend<AsyncIterable<Uint8Array>>();
    session.subscribe(session);
    interval(1)
      .pipe(map((n) => Uint8Array.of(n)))
      .subscribe(session);
    // @ts-expect-error: text is not bytes
    session.next('text');
    // @ts-expect-error: text is not bytes
    session.send('text');
  });

  test('tells what it is and how it does', () => {
    expectTypeOf(session.send).returns.toEqualTypeOf<Promise<void>>();
    expectTypeOf(session.closed$).toEqualTypeOf<Observable<SessionEnd>>();
    expectTypeOf<SessionEnd['reason']>().toEqualTypeOf<'completed' | 'closed' | 'peer' | 'failed'>();
    expectTypeOf(session.stats()).toEqualTypeOf<SessionStats>();
    expectTypeOf(session.snmp$).parameters.toEqualTypeOf<
      [period?: number | undefined, scheduler?: SchedulerLike | undefined]
    >();
    expectTypeOf(session.snmp()).toEqualTypeOf<Snmp>();
    expectTypeOf(session.remote).toEqualTypeOf<Address | undefined>();
    expectTypeOf(session.messageMax).toEqualTypeOf<number>();
    // @ts-expect-error: read only
    session.conv = 1;
    // @ts-expect-error: set when the session is made
    session.configure({ conv: 1 });
  });
});

test('links and ciphers are interfaces that anyone can implement', () => {
  expectTypeOf(memoryPair()).toEqualTypeOf<[Link, Link]>();
  expectTypeOf(memoryNetwork().hub).toEqualTypeOf<Hub>();
  expectTypeOf(aesGcm(new Uint8Array(32))).toEqualTypeOf<Cipher>();
  expectTypeOf(fromDuplex(duplex)).toEqualTypeOf<Link>();
});

test('custom links may have any stream as their incoming', () => {
  const outgoing = { next: (_burst: Burst) => {} };
  expectTypeOf<Link>().toExtend<CustomLink>();
  expectTypeOf<AsyncIterable<Burst>>().toExtend<CustomLink['incoming']>();
  expectTypeOf<Observable<Burst>>().toExtend<CustomLink['incoming']>();
  expectTypeOf<Subscribable<Burst>>().toExtend<CustomLink['incoming']>();
  // @ts-expect-error: datagrams are no bursts
  connect({ link: { incoming: interval(1).pipe(map(() => new ArrayBuffer(1))), outgoing } });
});

test('a resumable session stands where a session does', () => {
  const sessions = resumable(connect({ port: 1 }));
  expectTypeOf(sessions).toEqualTypeOf<Observable<ResumableSession>>();
  expectTypeOf(connect({ port: 1 }).pipe(resumed())).toEqualTypeOf<Observable<ResumableSession>>();
  expectTypeOf<Session>().toExtend<ResumeConnection>();
  expectTypeOf<Subject<Uint8Array>>().toExtend<ResumeConnection>();
  expectTypeOf<ResumableSession>().toExtend<ByteConversation>();
  expectTypeOf<ResumeError['kind']>().extract<'forked'>().toEqualTypeOf<'forked'>();
  sessions.pipe(serve((resumable) => resumable.pipe(sendTo(resumable))));
  // @ts-expect-error: a session that resumes has no datagrams
  sessions.subscribe((resumable) => resumable.sendOob(new Uint8Array(1)));
  // @ts-expect-error: of clients only
  resumed({ reconnect: {} });
  // @ts-expect-error: of servers only
  resumable(connect({ port: 1 }), { maxSessions: 1 });
});

test('streams are those of the platform', () => {
  expectTypeOf(toDuplex(session)).toEqualTypeOf<Duplex>();
  expectTypeOf(toDuplex(mux(session, { role: 'client' }).open())).toEqualTypeOf<Duplex>();
  expectTypeOf(toDuplex).parameters.toEqualTypeOf<[session: ByteConversation, options?: DuplexOptions | undefined]>();
  expectTypeOf<DuplexOptions>().toExtend<StreamOptions>();
  expectTypeOf(toWebStreams(session)).toEqualTypeOf<WebStreams>();
  expectTypeOf<WebStreams['readable']>().toEqualTypeOf<ReadableStream<Uint8Array>>();
  expectTypeOf<WebStreams['writable']>().toEqualTypeOf<WritableStream<Uint8Array>>();
});

test('errors are told apart by class and by code', () => {
  expectTypeOf<OptionError>().toExtend<RxkcpError>();
  expectTypeOf<SocketError>().toExtend<RxkcpError>();
  expectTypeOf(new OptionError('port', 0, '1').code).toEqualTypeOf<string>();
});

test('operators say what they take and what they make', () => {
  expectTypeOf(arq({ conv: 1 })).toEqualTypeOf<Arq>();
  expectTypeOf<Arq['receive']>().toEqualTypeOf<OperatorFunction<Burst, Uint8Array>>();
  expectTypeOf<Arq['transmit']>().toEqualTypeOf<OperatorFunction<Message, Burst>>();
  expectTypeOf(encrypt(cipher)).toEqualTypeOf<OperatorFunction<Burst, Burst>>();
  expectTypeOf(decrypt(cipher)).toEqualTypeOf<OperatorFunction<Burst, Burst>>();
  expectTypeOf(encodeFrames()).toEqualTypeOf<OperatorFunction<Uint8Array, Uint8Array>>();
  expectTypeOf(decodeFrames()).toEqualTypeOf<OperatorFunction<Uint8Array, Uint8Array>>();
  expectTypeOf(encodeLines()).toEqualTypeOf<OperatorFunction<string, Uint8Array>>();
  expectTypeOf(decodeLines()).toEqualTypeOf<OperatorFunction<Uint8Array, string>>();
  expectTypeOf(encodeJson()).toEqualTypeOf<OperatorFunction<unknown, Uint8Array>>();
  expectTypeOf(decodeJson()).toEqualTypeOf<OperatorFunction<Uint8Array, unknown>>();
  expectTypeOf(session.pipe(decodeJson<{ a: number }>())).toEqualTypeOf<Observable<{ a: number }>>();
  // @ts-expect-error: a prefix has 1, 2 or 4 bytes
  encodeFrames({ prefixBytes: 3 });
});

describe('operators that make applications', () => {
  interface Question {
    readonly id: number;
  }
  interface Answer {
    readonly to: number;
  }
  const decode = (): Answer => ({ to: 1 });

  test('request makes a function from requests to answers', () => {
    const ask = request(session, {
      id: ({ id }: Question) => id,
      encode: () => new Uint8Array(1),
      decode,
      answerTo: ({ to }) => to,
    });
    expectTypeOf(ask).toEqualTypeOf<(request: Question) => Observable<Answer>>();
    // @ts-expect-error: no way from a message to an answer
    request(session, { id: () => 1, encode: () => new Uint8Array(1), answerTo: () => 1 });
    // @ts-expect-error: text is not a message
    request(session, { id: () => 1, encode: () => 'text', decode, answerTo: () => 1 });
    // @ts-expect-error: what only receives cannot ask
    request(interval(1), { id: () => 1, encode: () => new Uint8Array(1), decode, answerTo: () => 1 });
  });

  test('multiplex makes a function from keys to values', () => {
    expectTypeOf(multiplex(session, { decode, key: ({ to }) => to })).toEqualTypeOf<
      (key: number) => Observable<Answer>
    >();
    // @ts-expect-error: keys are numbers
    multiplex(session, { decode, key: ({ to }) => to, subscribe: (key: string) => new Uint8Array(key.length) });
  });

  test('groupPeers makes a group of each address', () => {
    expectTypeOf(groupPeers()).toEqualTypeOf<OperatorFunction<PeerBurst, GroupedObservable<Address, Burst>>>();
    expectTypeOf(hub.incoming.pipe(groupPeers({ idle: 1 }))).toEqualTypeOf<
      Observable<GroupedObservable<Address, Burst>>
    >();
    // @ts-expect-error: a link has one peer
    link.incoming.pipe(groupPeers());
  });

  test('convOf finds a number, or none', () => {
    expectTypeOf(convOf).toEqualTypeOf<(datagram: Uint8Array) => number | undefined>();
  });

  test('shareSession keeps the type of the session', () => {
    expectTypeOf(connect({ port: 1 }).pipe(shareSession())).toEqualTypeOf<Observable<Session>>();
    // @ts-expect-error: a number does not end
    interval(1).pipe(shareSession());
  });

  test('reconnecting emits what the talk does', () => {
    expectTypeOf(reconnecting(connect({ port: 1 }), (made) => made.pipe(map(({ length }) => length)))).toEqualTypeOf<
      Observable<number>
    >();
    expectTypeOf(reconnecting(connect({ port: 1 }), async () => 'text')).toEqualTypeOf<Observable<string>>();
    // @ts-expect-error: no such option
    reconnecting(connect({ port: 1 }), (made) => made, { frist: 1 });
  });
});

describe('rxkcp/testing', () => {
  test('virtual gives two sessions and the helpers of run, and returns what the test does', () => {
    const equal = (actual: unknown, expected: unknown): void => void [actual, expected];
    expectTypeOf(virtual(equal, () => 1)).toEqualTypeOf<number>();
    virtual(equal, (helpers) => {
      expectTypeOf(helpers).toEqualTypeOf<VirtualHelpers>();
      expectTypeOf(helpers.left).toEqualTypeOf<Session>();
      expectTypeOf(helpers.scheduler).toEqualTypeOf<TestScheduler>();
    });
    // @ts-expect-error: the clock is its own
    virtual(equal, () => {}, { scheduler: undefined });
  });

  test('useScheduler is undone by a Subscription', () => {
    expectTypeOf(useScheduler).toEqualTypeOf<(scheduler: SchedulerLike) => Subscription>();
  });
});
