// A service whose answers are Observables, across a bad network: npm run example examples/observable-service.ts
//
// A call is a JSON-RPC request of vscode-jsonrpc; what the answer emits comes as the progress of that request, its
// response is the completion or the error, and unsubscribing cancels the request, which unsubscribes at the server. All of
// that is the library's own: progress and cancellation of the Language Server Protocol.
//
// What emits faster than the session takes it waits at the server without a bound: sample there, or ask for less.

import {
  catchError,
  concatMap,
  finalize,
  from,
  map,
  merge,
  Observable,
  of,
  Subject,
  take,
  throwError,
  timer,
} from 'rxjs';
import type { Session } from 'rxkcp';
import {
  type CancellationToken,
  CancellationTokenSource,
  ErrorCodes,
  type MessageConnection,
  ProgressType,
  ResponseError,
} from 'vscode-jsonrpc/node';
import { jsonRpc } from './json-rpc.ts';
import { acrossBadNetwork } from './support/bad-network.ts';
import { runAsProgram } from './support/program.ts';

/** What a server offers: each call makes an Observable, subscribed to for the time of the call. */
export type Methods = Record<string, (params: never) => Observable<unknown>>;

interface Call {
  readonly method: string;
  readonly params: unknown;
  readonly token: number;
}

const CALL = 'rx/call';
const EMITTED = new ProgressType<unknown>();

/** The server's side of a connection. */
export function offer(connection: MessageConnection, methods: Methods): void {
  connection.onRequest(CALL, ({ method, params, token }: Call, cancelled: CancellationToken) => {
    if (!Object.hasOwn(methods, method)) throw new ResponseError(ErrorCodes.MethodNotFound, `no method ${method}`);
    const answer = methods[method]!(params as never);
    return new Promise<null>((resolve, reject) => {
      const emitting = answer.pipe(concatMap((value) => connection.sendProgress(EMITTED, token, value))).subscribe({
        error: (error: Error) => reject(new ResponseError(ErrorCodes.UnknownErrorCode, error.message)),
        complete: () => resolve(null),
      });
      const stop = (): void => {
        emitting.unsubscribe();
        resolve(null);
      };
      cancelled.onCancellationRequested(stop);
      // A token that was cancelled before the call was begun says so when asked, and only then.
      if (cancelled.isCancellationRequested) stop();
      connection.onDispose(() => emitting.unsubscribe());
    });
  });
}

let lastToken = 0;

/** The client's side: cold, each subscription is a call of its own. */
export function call<T>(connection: MessageConnection, method: string, params: unknown): Observable<T> {
  return new Observable((subscriber) => {
    const token = ++lastToken;
    const cancellation = new CancellationTokenSource();
    const progress = connection.onProgress(EMITTED, token, (value) => subscriber.next(value as T));
    connection.sendRequest(CALL, { method, params, token } satisfies Call, cancellation.token).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
    return () => {
      progress.dispose();
      cancellation.cancel();
      cancellation.dispose();
    };
  });
}

/** A service of three methods; emits what happens at the server. */
export function serveNumbers(session: Session): Observable<string> {
  const events = new Subject<string>();
  const connection = jsonRpc(session);
  offer(connection, {
    count: ({ every }: { every: number }) =>
      timer(0, every).pipe(finalize(() => events.next('the server has stopped counting'))),
    range: ({ from: first, to }: { from: number; to: number }) =>
      from(Array.from({ length: to - first + 1 }, (_, i) => first + i)),
    fail: () => throwError(() => new Error('as I was told')),
  });
  connection.listen();
  return events;
}

export function numbers(): Observable<string> {
  const events = new Subject<string>();
  return acrossBadNetwork(
    { mode: 'fast3', stream: true },
    (session) => serveNumbers(session).subscribe(events),
    (session) => {
      const connection = jsonRpc(session);
      connection.listen();
      const range = call<number>(connection, 'range', { from: 1, to: 3 }).pipe(map((n) => `range ${n}`));
      const count = call<number>(connection, 'count', { every: 30 }).pipe(
        take(3),
        map((n) => `count ${n}`),
      );
      const fail = call(connection, 'fail', {}).pipe(catchError((error: Error) => of(`fail: ${error.message}`)));
      return merge(range, count, fail, events).pipe(map(String), take(8));
    },
  );
}

runAsProgram(import.meta.url, numbers());
