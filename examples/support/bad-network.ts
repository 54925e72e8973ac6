// A client and a server with a bad network between them: real sockets, and a relay that loses a tenth of what passes.

import { Observable } from 'rxjs';
import type { ArqOptions, Session } from 'rxkcp';
import { type Serving, serve } from 'rxkcp/operators';
import { type Network, openRoute } from '../demo/route.ts';

const NETWORK: Network = { loss: 0.1, delay: 10, jitter: 3, reorder: 0.01, duplicate: 0.005, seed: 1 };

/** What `talk` emits. When that completes, or is unsubscribed from, everything is closed. */
export function acrossBadNetwork<T>(
  options: ArqOptions,
  handle: (session: Session) => Serving,
  talk: (session: Session) => Observable<T>,
): Observable<T> {
  return new Observable((subscriber) => {
    subscriber.add(
      openRoute(options, NETWORK).subscribe({
        next: ({ client, server$ }) => {
          subscriber.add(server$.pipe(serve(handle)).subscribe());
          subscriber.add(talk(client).subscribe(subscriber));
        },
        error: (error) => subscriber.error(error),
      }),
    );
  });
}
