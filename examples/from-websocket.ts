// An app on webSocket() of RxJS, moved to rxkcp: npm run example examples/from-websocket.ts
//
//   before                                              after
//   const socket = webSocket<Quote>('ws://host/quotes') const session$ = connect({ host, port }).pipe(shareSession())
//   socket.subscribe(show)                              session$.pipe(switchMap((session) => session.pipe(decodeJson()))).subscribe(show)
//   socket.next(order)                                  await session.send(bytes)
//   socket.multiplex(sub, unsub, filter)                multiplex(session, { decode, key, subscribe, unsubscribe })(key)
//   socket.pipe(retry())                                reconnecting(connect(…), talk): see reconnect.ts
//   socket.complete(): the server sees a close          say so: KCP has no close, the server needs an idleTimeout
//
// What is better: `send` resolves when the window has taken the message, where webSocket() piles up; there is no queue without a
// bound for the time before the session is there; a lost peer shows as a typed error.
// What stays: cold, reference-counted (one session for all subscribers, closed after the last one), values as JSON.

import { filter, interval, map, merge, mergeMap, type Observable, share, switchMap, take, takeUntil } from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { decodeJson, encodeJson, multiplex, sendTo, shareSession } from 'rxkcp/operators';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';
import { decode, encode } from './support/text.ts';

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

/** The client's view of a session: the quotes of each symbol, which the server is asked for while somebody wants them. */
const quotesOf = (session: Session): ((symbol: string) => Observable<Quote>) =>
  multiplex(session, {
    decode: (message): Quote => JSON.parse(decode(message)),
    key: ({ symbol }) => symbol,
    subscribe: (symbol) => line({ follow: symbol }),
    unsubscribe: (symbol) => line({ leave: symbol }),
  });

const line = (order: Order): Uint8Array => encode(`${JSON.stringify(order)}\n`);

export function follow(): Observable<string> {
  return serve({ mode: 'fast3', idleTimeout: 10_000 }, quotes).pipe(
    switchMap((port) => {
      const session$ = connect({ port, mode: 'fast3' }).pipe(shareSession());
      const prices = (symbol: string): Observable<Quote> =>
        session$.pipe(switchMap((session) => quotesOf(session)(symbol)));
      return merge(prices('KCP').pipe(take(3)), prices('UDP').pipe(take(3)));
    }),
    take(6),
    map(({ symbol, price }) => `${symbol} ${price}`),
  );
}

runAsProgram(import.meta.url, follow());
