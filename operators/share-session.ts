import { type MonoTypeOperatorFunction, Observable, ReplaySubject, share } from 'rxjs';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';

/**
 * Makes one session of a cold `connect`, for all subscribers.
 *
 * The first subscriber dials. Later ones get the session that lives. After the last one has unsubscribed the session is closed. When
 * it ends for another reason, all subscribers complete, and the next one dials again: also one that subscribes in a handler of
 * `closed$`. An error of `connect` is passed on to all, and the next subscriber dials again.
 *
 * `share()` alone does not do that, since `connect` emits once: a second subscriber gets nothing. `shareReplay(1)` gives it a session
 * that may have ended.
 *
 * Messages are shared by the session itself: each subscriber of the session gets those that come from then on.
 *
 * ```
 * connect          --s------------|     the session has ended
 *                  shareSession()
 * subscriber 1   ^ --s------------|
 * subscriber 2          ^ s-------|
 * subscriber 3                      ^ --t---     another session
 * ```
 *
 * @example
 * const session$ = connect({ port: 4000 }).pipe(shareSession());
 * session$.pipe(switchMap((session) => session)).subscribe((message) => console.log(message));
 * session$.subscribe((session) => session.next(Uint8Array.of(1)));
 */
export function shareSession<
  S extends {
    /** Emits when it has ended. */
    readonly closed$: Observable<unknown>;
  },
>(): MonoTypeOperatorFunction<S> {
  return (source) =>
    new Observable<S>((subscriber) =>
      subscribeWithin(
        source,
        subscriber,
        {
          next: (session) => {
            // `connect` completes after `closed$` has emitted; in between, the session would still be replayed.
            subscriber.add(session.closed$.subscribe(() => subscriber.complete()));
            subscriber.next(session);
          },
        },
        subscriber,
      ),
    ).pipe(share({ connector: () => new ReplaySubject(1) }));
}
