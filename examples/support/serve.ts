// A server on a free port, for examples that bring both ends. Of your own you know the port: listen({ port }).pipe(serve(handle)).subscribe().

import { Observable } from 'rxjs';
import { listen, type ServerOptions, type Session } from 'rxkcp';
import { type Serving, serve as serving } from 'rxkcp/operators';

/** Emits the port once it is bound. Unsubscribing closes the socket and all sessions. A handler that fails closes its session alone. */
export function serve(options: ServerOptions, handle: (session: Session) => Serving): Observable<number> {
  return new Observable((subscriber) => {
    const onListening = ({ port }: { port: number }): void => subscriber.next(port);
    const sessions = listen({ ...options, port: 0, host: '127.0.0.1', onListening });
    subscriber.add(sessions.pipe(serving(handle)).subscribe({ error: (error) => subscriber.error(error) }));
  });
}
