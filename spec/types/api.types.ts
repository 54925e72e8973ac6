// The types of the public API. Vitest compiles this, and does not run it.

import type { Duplex } from 'node:stream';
import { interval, map, type Observable, type Observer, type OperatorFunction, type SchedulerLike } from 'rxjs';
import {
  type Address,
  aesGcm,
  type Burst,
  type Cipher,
  type ConnectOptions,
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
import { fromDuplex, type StreamOptions, toDuplex } from 'rxkcp/node';
import {
  type Arq,
  arq,
  converse,
  decodeFrames,
  decodeJson,
  decodeLines,
  decrypt,
  encodeFrames,
  encodeJson,
  encodeLines,
  encrypt,
  sendTo,
  serve,
} from 'rxkcp/operators';
import { toWebStreams, type WebStreams } from 'rxkcp/streams';
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

test('streams are those of the platform', () => {
  expectTypeOf(toDuplex(session)).toEqualTypeOf<Duplex>();
  expectTypeOf(toDuplex).parameters.toEqualTypeOf<[session: Session, options?: StreamOptions | undefined]>();
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
