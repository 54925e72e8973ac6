// An app on webSocket() of RxJS, moved to rxkcp: npm run example examples/from-websocket.ts
//
//   before                                              after
//   const socket = webSocket<Quote>('ws://host/quotes') const socket = jsonSocket<Quote>(connect({ host, port }))
//   socket.subscribe(show)                              socket.incoming.subscribe(show)
//   socket.next(order)                                  await socket.send(order)
//   socket.multiplex(sub, unsub, filter)                multiplex(socket, sub, unsub, filter)
//   socket.pipe(retry())                                socket.incoming.pipe(retry(…)): see reconnect.ts
//   socket.complete(): the server sees a close          say so: KCP has no close, the server needs an idleTimeout
//
// What is better: `send` resolves when the window has taken the message, where webSocket() piles up; before the session
// is there, `send` waits, where webSocket() keeps a queue without a bound; a lost peer shows as a typed error.
// What stays: cold, reference-counted (one session for all subscribers, closed after the last one), values as JSON.

import {
  defer,
  filter,
  finalize,
  firstValueFrom,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  ReplaySubject,
  share,
  switchMap,
  take,
  takeUntil,
} from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { converse, decodeJson, encodeJson, sendTo } from 'rxkcp/operators';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';

export interface JsonSocket<In, Out> {
  /** What comes in. Cold and shared: the first subscriber dials, the last one hangs up. */
  readonly incoming: Observable<In>;
  /** Resolves when the send window has taken it; waits for the session while there is none. */
  send(value: Out): Promise<void>;
}

export function jsonSocket<In, Out>(dial: Observable<Session>): JsonSocket<In, Out> {
  let current = new ReplaySubject<Session>(1);
  const incoming = dial.pipe(
    converse((session) => {
      current.next(session);
      return session.pipe(decodeJson<In>());
    }),
    finalize(() => {
      current = new ReplaySubject(1);
    }),
    share(),
  );
  const send = async (value: Out): Promise<void> => {
    const [session, bytes] = await Promise.all([firstValueFrom(current), firstValueFrom(of(value).pipe(encodeJson()))]);
    await session.send(bytes);
  };
  return { incoming, send };
}

/** As of `WebSocketSubject`: subscribing tells the server so, unsubscribing too. */
export function multiplex<In, Out>(
  socket: JsonSocket<In, Out>,
  subscribed: () => Out,
  unsubscribed: () => Out,
  isWanted: (value: In) => boolean,
): Observable<In> {
  return defer(() => {
    const telling = defer(() => socket.send(subscribed())).pipe(ignoreElements());
    return merge(socket.incoming.pipe(filter(isWanted)), telling);
  }).pipe(
    finalize(() => {
      // Nobody waits for that one, and it may well be too late for it.
      socket.send(unsubscribed()).catch(() => {});
    }),
  );
}

interface Order {
  readonly follow?: string;
  readonly leave?: string;
}

interface Quote {
  readonly symbol: string;
  readonly price: number;
}

/** The server: prices of what a client follows. */
function quotes(session: Session): Observable<unknown> {
  const orders = session.pipe(decodeJson<Order>(), share());
  return orders.pipe(
    map(({ follow }) => follow),
    filter((symbol) => symbol !== undefined),
    mergeMap((symbol) =>
      interval(20).pipe(
        map((step): Quote => ({ symbol, price: symbol.length + step })),
        takeUntil(orders.pipe(filter(({ leave }) => leave === symbol))),
      ),
    ),
    encodeJson(),
    sendTo(session),
  );
}

export function follow(): Observable<string> {
  return serve({ mode: 'fast3', idleTimeout: 10_000 }, quotes).pipe(
    switchMap((port) => {
      const socket = jsonSocket<Quote, Order>(connect({ port, mode: 'fast3' }));
      const prices = (symbol: string): Observable<Quote> =>
        multiplex(
          socket,
          () => ({ follow: symbol }),
          () => ({ leave: symbol }),
          (quote) => quote.symbol === symbol,
        );
      return merge(prices('KCP').pipe(take(3)), prices('UDP').pipe(take(3)));
    }),
    take(6),
    map(({ symbol, price }) => `${symbol} ${price}`),
  );
}

runAsProgram(import.meta.url, follow());
