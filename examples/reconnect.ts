// A client that comes back: npm run example examples/reconnect.ts
//
// What is replayed, and what is not. A session is one conversation: what was handed to `next` or `send` and not acknowledged when it
// failed is gone, and whether it had arrived nobody knows; a server that was restarted knows nothing of the conversation
// before. So the layer above has to say what it wants again. Here the client asks for what comes after the last
// thing it has seen, the server answers from there, and nothing is missed or seen twice, whatever happens in between.

import { map, type Observable, switchMap, take, tap, timer } from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { reconnecting, sendTo } from 'rxkcp/operators';
import { relayed } from './demo/route.ts';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';
import { decode, encode } from './support/text.ts';

/** A server that counts, from where it is asked to. */
const count = (session: Session): Observable<unknown> =>
  session.pipe(
    map(decode),
    map(Number),
    switchMap((from) => timer(0, 20).pipe(map((steps) => encode(`${from + steps}`)))),
    sendTo(session),
  );

/** Counts to 20, through a network that goes away for a second after every fifth number. */
export function countThroughOutages(): Observable<string> {
  const options = { mode: 'fast3', idleTimeout: 300 } as const;
  return serve(options, count).pipe(
    switchMap((port) => relayed({ target: { address: '127.0.0.1', port } })),
    switchMap((relay) => {
      let next = 1;
      const ask = (session: Session): Observable<number> => {
        session.next(encode(`${next}`));
        return session.pipe(map(decode), map(Number));
      };
      return reconnecting(connect({ port: relay.port, ...options }), ask, { first: 200, most: 2000 }).pipe(
        tap((number) => {
          next = number + 1;
          if (number % 5 !== 0) return;
          relay.change({ loss: 1 });
          setTimeout(() => relay.change({ loss: 0 }), 1000);
        }),
      );
    }),
    map(String),
    take(20),
  );
}

runAsProgram(import.meta.url, countThroughOutages());
