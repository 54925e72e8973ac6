// A session that survives its connections, and its server: npm run example examples/resume.ts
//
// A server counts, each time that it is asked. After the fifth and the fifteenth number the network goes away for a second; after the
// tenth the server is stopped, and another one, on another port but with the same store, continues the session. The client asks for one
// number after the other, sees each once, and has no code for any of that. Compare reconnect.ts, where it has.

import {
  defer,
  ignoreElements,
  map,
  merge,
  Observable,
  ReplaySubject,
  Subject,
  startWith,
  switchMap,
  take,
  tap,
} from 'rxjs';
import { connect, listen } from 'rxkcp';
import { serve } from 'rxkcp/operators';
import { memoryResumeStore, type ResumableSession, type ResumeStore, resumable, resumed } from 'rxkcp/resume';
import { relayed } from './demo/route.ts';
import type { Relay } from './relay.ts';
import { runAsProgram } from './support/program.ts';
import { decode, encode } from './support/text.ts';

const options = { mode: 'fast3', idleTimeout: 300 } as const;

/** Answers with the next number. What the server knows is in the question, so that any server can answer. */
const count = (session: ResumableSession): Observable<unknown> =>
  session.pipe(tap((question) => session.next(encode(`${Number(decode(question)) + 1}`))));

/** Emits the port once it is bound. Unsubscribing stops the server, and leaves its sessions in the store. */
function server(store: ResumeStore): Observable<number> {
  return new Observable((subscriber) => {
    const onListening = ({ port }: { port: number }): void => subscriber.next(port);
    const sessions = listen({ ...options, port: 0, host: '127.0.0.1', onListening }).pipe(resumed({ store }));
    subscriber.add(sessions.pipe(serve(count)).subscribe({ error: (error) => subscriber.error(error) }));
  });
}

/** Counts to 20, across outages and from one server to the next. */
export function countAcrossServers(): Observable<string> {
  return defer(() => {
    const store = memoryResumeStore();
    const replace$ = new Subject<void>();
    const relay$ = new ReplaySubject<Relay>(1);
    const serving = replace$.pipe(
      startWith(undefined),
      switchMap(() => server(store)),
      switchMap((port) => relayed({ target: { address: '127.0.0.1', port } })),
      tap((relay) => relay$.next(relay)),
      ignoreElements(),
    );
    const disturb = (number: number, relay: Relay): void => {
      if (number % 5 !== 0) return;
      if (number === 10) {
        replace$.next();
        return;
      }
      relay.change({ loss: 1 });
      setTimeout(() => relay.change({ loss: 0 }), 1000);
    };
    // To wherever the service is now.
    let relay: Relay;
    const dial = relay$.pipe(
      take(1),
      switchMap((opened) => {
        relay = opened;
        return connect({ ...options, port: relay.port });
      }),
    );
    const counting = resumable(dial, { reconnect: { first: 200, most: 1000 } }).pipe(
      switchMap((session) => {
        session.next(encode('0'));
        return session.pipe(
          map(decode),
          tap((number) => {
            disturb(Number(number), relay);
            session.next(encode(number));
          }),
        );
      }),
    );
    return merge(serving, counting);
  }).pipe(take(20));
}

runAsProgram(import.meta.url, countAcrossServers());
