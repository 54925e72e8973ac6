// A session for code that awaits.

import { EmptyError, type Observable, Subscription } from 'rxjs';
import { checkOptions, ensure, isFunction, type OptionNames, requireObservable } from '../check.ts';
import { isAbortSignal } from '../rx/abortable.ts';

/** Options of {@link openSession}. */
export interface OpenSessionOptions {
  /** Aborting it closes the session, or stops connecting. Default none. */
  signal?: AbortSignal | undefined;
}

const NAMES: OptionNames<OpenSessionOptions> = { signal: true };

/**
 * Opens a session and keeps it open until it ends, for code that uses `await`.
 *
 * `firstValueFrom(connect(…))` closes the session that it returns, because it unsubscribes. This function keeps the subscription. On Node, Deno
 * and Bun, `await using` completes the session at the end of the block.
 *
 * @example
 * await using client = await openSession(connect({ port: 4000 }));
 * await client.send(hello);
 *
 * @param sessions `connect(…)`, or another Observable of sessions; the first one is used, and any others are closed.
 * @param options see {@link OpenSessionOptions}.
 * @returns the session. Rejects with the error of `sessions`, with the reason of the signal, and with `EmptyError` (of RxJS) if `sessions`
 * completes without a session.
 * @throws OptionError if an argument is invalid; `error.option` names it.
 */
export function openSession<
  S extends {
    /** Ends the session at once. */
    close(): void;
    /** Emits when it has ended. */
    readonly closed$: Observable<unknown>;
  },
>(sessions: Observable<S>, options: OpenSessionOptions = {}): Promise<S> {
  checkOptions(options, NAMES);
  requireObservable('sessions', sessions);
  const { signal } = options;
  ensure('signal', signal, signal === undefined || isAbortSignal(signal), 'an AbortSignal');
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const subscription = new Subscription();
    let opened: S | undefined;
    const abort = (): void => {
      reject(signal?.reason);
      subscription.unsubscribe();
      // Not every Observable of sessions closes them when it is unsubscribed.
      opened?.close();
    };
    const failed = (error: unknown): void => {
      reject(error);
      // If there is a session, the subscription ends with it.
      if (!opened) subscription.unsubscribe();
    };
    signal?.addEventListener('abort', abort);
    subscription.add(() => signal?.removeEventListener('abort', abort));
    subscription.add(
      sessions.subscribe({
        next: (session) => {
          if (opened || subscription.closed) {
            session.close();
            return;
          }
          opened = session;
          subscription.add(session.closed$.subscribe(() => subscription.unsubscribe()));
          resolve(session);
        },
        error: failed,
        complete: () => failed(new EmptyError()),
      }),
    );
  });
}

/**
 * Makes a subscription, such as a server's, end with a `using` block.
 *
 * @example
 * using reading = disposable(session.subscribe((message) => console.log(message)));
 *
 * @param subscription an RxJS Subscription.
 * @throws OptionError if it is anything else.
 */
export function disposable<
  S extends {
    /** Ends it. */
    unsubscribe(): void;
  },
>(subscription: S): S & Disposable {
  const { unsubscribe } = (subscription ?? {}) as Partial<S>;
  ensure('subscription', subscription, isFunction(unsubscribe), 'a Subscription');
  return Object.assign(subscription, { [Symbol.dispose]: () => subscription.unsubscribe() });
}
