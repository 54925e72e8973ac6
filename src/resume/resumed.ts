// The server's end as an operator.

import { Observable, type OperatorFunction } from 'rxjs';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import type { ResumeConnection } from './connection.ts';
import type { ResumedOptions } from './options.ts';
import type { ResumableSession } from './resumable-session.ts';
import { ResumeServer } from './server.ts';
import { serverSettings } from './settings.ts';

/**
 * Turns connections into resumable sessions: emits each session once, with the first of its connections at this server.
 *
 * Use it between `listen` and `serve`. Connections are those of clients that use {@link resumable}; any other is closed. A session that loses its
 * connection stays, and keeps what is sent to it, until its client is back or `expireAfter` is over.
 *
 * Servers that share a `store` continue each other's sessions. The one to which the client comes emits the session again: as another
 * object, for another handler, behind the last message that was consumed. At the one before it ends with a {@link ResumeError} of the kind
 * `forked`, as soon as that writes to the store.
 *
 * Fails as the source does. Completes when the source has completed and all sessions have ended. **Unsubscribing ends no session:** it
 * closes the connections, and leaves the sessions in the store, so that their clients can go on with another server. To end a session,
 * call its `close()` or `complete()`.
 *
 * ```
 * connections   --a---b-----c---|     a and c are of one client
 *               resumed()
 * sessions      --r---s---------------|
 * ```
 *
 * @example
 * listen({ port: 4000 }).pipe(
 *   resumed({ expireAfter: 120_000 }),
 *   serve((session) => session.pipe(sendTo(session))),
 * ).subscribe({ error: console.error });
 *
 * @param options see {@link ResumedOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 */
export function resumed(options: ResumedOptions = {}): OperatorFunction<ResumeConnection, ResumableSession> {
  const settings = serverSettings(options);
  return (connections) =>
    new Observable((subscriber) => {
      let isComplete = false;
      const server = new ResumeServer(settings, {
        opened: (session) => subscriber.next(session),
        idle: () => {
          if (isComplete) subscriber.complete();
        },
      });
      subscriber.add(() => server.stop());
      subscribeWithin(connections, subscriber, {
        next: (connection) => server.accept(connection),
        error: (error) => subscriber.error(error),
        complete: () => {
          isComplete = true;
          if (server.isIdle) subscriber.complete();
        },
      });
    });
}
