// When a session is over for those who work on it.

import { endWith, ignoreElements, type Observable, of, switchMap, throwError } from 'rxjs';
import type { MessageSource } from './message-source.ts';

/**
 * Ends as the messages of `session` do, as soon as all that read it have read everything. Before it completes, it emits whether those
 * who read are to be stopped, too: they are not if the session ended well, for they may have work left.
 */
export function overOf(
  session: Pick<MessageSource, 'closed$' | 'demand' | 'messages' | 'isFailure'>,
): Observable<boolean> {
  return session.closed$.pipe(
    switchMap(({ reason, error }) => {
      const isCut = reason === 'failed' || reason === 'closed';
      if (session.demand.isWanted) return session.messages.pipe(ignoreElements(), endWith(isCut));
      return reason === 'failed' && session.isFailure ? throwError(() => error) : of(true);
    }),
  );
}
