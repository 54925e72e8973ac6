// Echo, the smallest server there is: npm run example examples/echo.ts

import { map, type Observable, switchMap, take } from 'rxjs';
import { connect } from 'rxkcp';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';
import { decode, encode } from './support/text.ts';

export function echo(words: readonly string[]): Observable<string> {
  // A session is an Observable of messages and an Observer of messages; there is no goodbye in KCP, hence the timeout.
  const server = serve({ mode: 'fast3', idleTimeout: 30_000 }, (session) => session.subscribe(session));
  return server.pipe(
    switchMap((port) => connect({ port, mode: 'fast3' })),
    switchMap((session) => {
      for (const word of words) session.next(encode(word));
      return session.pipe(map(decode));
    }),
    // Completing unsubscribes from connect and from the server, which closes both.
    take(words.length),
  );
}

runAsProgram(import.meta.url, echo(['hello', 'hello?', 'is there an echo in here?']));
