import {
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  identity,
  mergeMap,
  NEVER,
  type ObservableInput,
  type OperatorFunction,
  takeUntil,
} from 'rxjs';
import type { Conversation } from '../src/session/conversation.ts';
import { overOf } from '../src/session/over.ts';
import type { Session } from '../src/session/session.ts';

/**
 * Holds one conversation on each session, and owns the session: when the conversation is over, so is the session.
 *
 * `talk` gets the session and returns what the conversation emits: an Observable, a Promise, an iterable or an async iterable.
 *
 * - `talk` completes: the session is completed ({@link Session.complete}), so what was sent still arrives. This operator completes when
 *   the session has ended.
 * - `talk` fails or throws: the session is closed, and this operator fails with that error.
 * - Unsubscribed from: the session is closed at once.
 * - The session fails, or is closed: as soon as `talk` has got what came before, it is unsubscribed from. This operator fails with the
 *   error of a session of `connect`; that of a session of `listen` completes it (see `peerLoss`).
 * - The session ends well before `talk` does: a `talk` that reads it gets the completion of its messages, and finishes its work.
 *   Any other is unsubscribed from. (What else `talk` does should end with the session, too: {@link sendTo} does.)
 *
 * So `retry`, `repeat`, `catchError`, `timeout`, `race` and `firstValueFrom` behind it mean what they say, and no session is left open
 * behind them. For a server, whose sessions must not end one another, use {@link serve}.
 *
 * ```
 * sessions   --s--------------|
 *            converse(talk)              talk: -a-b-|
 * output     ---a-b-----------|          the session lingers until its peer has everything
 *
 * sessions   --s-----|
 *            converse(talk)              the link of s is dead at the sixth dash behind it
 * output     ---a-b--#                   retry() dials again
 * ```
 *
 * Sessions are not queued: all conversations run at once. To keep only the newest session of a server, and close the one before, write
 * `switchMap(session => of(session).pipe(converse(talk)))`. (A plain `switchMap(session => session)` leaves a session open behind it: it
 * goes on acknowledging until its window is full.)
 *
 * @example
 * connect({ port: 4000, idleTimeout: 5000 }).pipe(
 *   converse(session => session.pipe(decodeJson())),
 *   retry({ delay: 1000 }),
 * ).subscribe(value => console.log(value));
 *
 * @param talk called once per session, or stream of `rxkcp/mux`.
 */
export function converse<T, S extends Conversation = Session>(
  talk: (session: S) => ObservableInput<T>,
): OperatorFunction<S, T> {
  return mergeMap((session) => {
    /** After the last word: whatever ends the session now ends the conversation, also if `talk` has left a reader. */
    const goodbye = defer(() => {
      // Then `talk` has seen the end.
      if (session.closed) return EMPTY;
      session.complete();
      // It ends with the session, even if something that `talk` subscribed has not read all messages. Failures come from `overOf`.
      return session.closed$.pipe(mergeMap(({ reason }) => (reason === 'failed' ? NEVER : EMPTY)));
    });
    return concat(
      defer(() => talk(session)),
      goodbye,
    ).pipe(
      takeUntil(overOf(session).pipe(filter(identity))),
      finalize(() => session.close()),
    );
  });
}
