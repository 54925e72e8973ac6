// Two ways to the same server, of which the faster is kept: npm run example examples/race.ts

import { combineLatest, first, map, type Observable, race, switchMap } from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { relayed } from './demo/route.ts';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';
import { decode, encode } from './support/text.ts';

/**
 * The session on which the first answer comes; the others are closed. There is no handshake in KCP that could be raced, so
 * each asks something: `question` must be harmless to ask twice. The session kept has delivered its answer already.
 */
export function fastest(ports: readonly number[], question: Uint8Array): Observable<Session> {
  const answered = (port: number): Observable<Session> =>
    connect({ port, mode: 'fast3' }).pipe(
      switchMap((session) => {
        session.next(question);
        return session.pipe(
          first(),
          map(() => session),
        );
      }),
    );
  return race(...ports.map(answered));
}

/** A slow way and a fast one; the server tells by what comes which is used. */
export function raceTwoLinks(): Observable<string> {
  return serve({ mode: 'fast3', idleTimeout: 5000 }, (session) => session.subscribe(session)).pipe(
    switchMap((port) =>
      combineLatest({
        slow: relayed({ target: { address: '127.0.0.1', port }, delay: 80 }),
        fast: relayed({ target: { address: '127.0.0.1', port }, delay: 10 }),
      }),
    ),
    switchMap(({ slow, fast }) =>
      fastest([slow.port, fast.port], encode('anybody there?')).pipe(
        switchMap((session) => {
          session.next(encode('so it is you'));
          const way = session.remote?.port === fast.port ? 'fast' : 'slow';
          return session.pipe(map((message) => `"${decode(message)}" came over the ${way} one`));
        }),
      ),
    ),
    first(),
  );
}

runAsProgram(import.meta.url, raceTwoLinks());
