import {
  catchError,
  EMPTY,
  finalize,
  ignoreElements,
  isObservable,
  mergeMap,
  type Observable,
  type ObservableInput,
  type OperatorFunction,
  of,
  type Unsubscribable,
} from 'rxjs';
import { checkOptions, type OptionNames, requireFunction, requireInteger } from '../src/check.ts';
import { SessionClosedError } from '../src/errors.ts';
import { callSafely } from '../src/rx/report.ts';
import type { Conversation } from '../src/session/conversation.ts';
import { overOf } from '../src/session/over.ts';
import type { Session } from '../src/session/session.ts';
import { converse } from './converse.ts';

/** What a handler of {@link serve} may return. */
export type Serving =
  | Observable<unknown>
  | PromiseLike<unknown>
  | AsyncIterable<unknown>
  | Unsubscribable
  // biome-ignore lint/suspicious/noConfusingVoidType: of a function's result it is the type
  | void;

/** How {@link serve} goes about it. */
export interface ServeOptions<S extends Conversation = Session> {
  /**
   * Called once for each session whose handler failed. What it throws is reported as an unhandled error. Default: `console.error`,
   * with the address of the peer.
   */
  onError?: ((error: unknown, session: S) => void) | undefined;
  /**
   * Handlers that run at a time, 1 … 1073741824; further sessions wait, unread. To refuse them, use `maxSessions` of `listen`.
   * Default: no limit.
   */
  concurrent?: number | undefined;
}

const NAMES: OptionNames<ServeOptions> = { onError: true, concurrent: true };

/**
 * Serves sessions: runs a handler for each, and whatever becomes of one changes nothing for the others.
 *
 * The handler decides by what it returns when its session is over:
 *
 * - an Observable or an async iterable: when that completes, the session is completed; its values are ignored
 * - a Promise (an async function): when that resolves
 * - nothing, or a Subscription: the session stays open until it ends, or until the server is unsubscribed from
 *
 * If a handler throws, rejects or errors, its session alone is closed, and `onError` is called. A peer that vanishes is no error: the
 * handler is unsubscribed from, its pending `send` rejects, and nothing is reported; `session.closed$` has the reason. An error can
 * only be caught if the handler returns what fails: `session.pipe(decodeJson(), tap(handle))`, not a `subscribe` inside of it.
 *
 * This is {@link converse} for servers: sessions are closed when their handlers fail or are unsubscribed from. Never emits; completes or fails as
 * the source does, a port that is taken for instance.
 *
 * ```
 * sessions   --s1---s2----s3---      the handler of s2 throws
 *            serve(handler)
 * output     ------------------      s2 is closed, s1 and s3 go on
 * ```
 *
 * @example
 * listen({ port: 4000, idleTimeout: 30_000 }).pipe(
 *   serve(async session => {
 *     for await (const message of session) await session.send(message);
 *   }),
 * ).subscribe({ error: console.error });
 *
 * @param handler called once per session, or stream of `rxkcp/mux`.
 * @param options see {@link ServeOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function serve<S extends Conversation = Session>(
  handler: (session: S) => Serving,
  options: ServeOptions<S> = {},
): OperatorFunction<S, never> {
  requireFunction('handler', handler);
  checkOptions(options, NAMES);
  const { onError = logError, concurrent } = options;
  requireFunction('onError', onError);
  if (concurrent !== undefined) requireInteger('concurrent', concurrent, 1, 1 << 30);
  const serving = converse((session: S) => conversationOf(handler(session), session));
  return mergeMap(
    (session) =>
      of(session).pipe(
        serving,
        ignoreElements(),
        catchError((error) => {
          // The error may come before the end that has caused it; if nothing has, the session is about to be closed.
          session.closed$.subscribe((end) => {
            const isEnd = error instanceof SessionClosedError || (end.error === error && !session.isFailure);
            if (!isEnd) callSafely(onError, error, session);
          });
          return EMPTY;
        }),
      ),
    concurrent,
  );
}

/** What a handler returned, as what decides when its session is over. */
function conversationOf(returned: unknown, session: Conversation): ObservableInput<unknown> {
  if (isObservable(returned)) return returned;
  const {
    then,
    unsubscribe,
    [Symbol.asyncIterator]: iterator,
  } = (returned ?? {}) as Partial<PromiseLike<unknown> & Unsubscribable & AsyncIterable<unknown>>;
  if (typeof then === 'function' || typeof iterator === 'function') return returned as ObservableInput<unknown>;
  // Anything else is what a function without braces returns by the way: the size of a collection, a Set.
  if (typeof unsubscribe !== 'function') return overOf(session);
  return overOf(session).pipe(finalize(() => unsubscribe.call(returned)));
}

/** Libraries should not write to the console, but a hidden error would be worse, and one that ends the process worse still. */
function logError(error: unknown, { remote }: Conversation): void {
  const peer = remote === undefined ? 'a session' : `the session with ${remote.address}, port ${remote.port},`;
  console.error(`rxkcp: the handler of ${peer} failed, and the session was closed:`, error);
}
