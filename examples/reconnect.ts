// A client that comes back: npm run example examples/reconnect.ts
//
// What is replayed, and what is not. A session is one conversation: what was handed to `next` or `send` and not acknowledged when it
// failed is gone, and whether it had arrived nobody knows; a server that was restarted knows nothing of the conversation
// before. So the layer above has to say what it wants again. Here the client asks for what comes after the last
// thing it has seen, the server answers from there, and nothing is missed or seen twice, whatever happens in between.

import { defer, map, type Observable, retry, switchMap, take, tap, timer } from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { converse, sendTo } from 'rxkcp/operators';
import { relayed } from './demo/route.ts';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';
import { decode, encode } from './support/text.ts';

export interface Backoff {
  /** ms that the first pause takes at most. */
  readonly first: number;
  /** ms that any pause takes at most. */
  readonly most: number;
  /** In [0, 1). */
  readonly random?: () => number;
}

/**
 * What `talk` hears, from one session after the other. When one fails, the next is dialled after a pause that doubles with
 * each failure in a row, "full jitter": a random part of it, so that a thousand clients of a server that comes back do not come at
 * once. A session is there as soon as there is a socket, so only a word from the peer counts as success (which
 * rules out `resetOnSuccess` of `retry` on `connect` itself).
 */
export function reconnecting<T>(
  dial: Observable<Session>,
  talk: (session: Session) => Observable<T>,
  { first, most, random = Math.random }: Backoff,
): Observable<T> {
  return defer(() => {
    let failures = 0;
    return dial.pipe(
      converse(talk),
      tap(() => {
        failures = 0;
      }),
      retry({ delay: () => timer(random() * Math.min(most, first * 2 ** failures++)) }),
    );
  });
}

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
