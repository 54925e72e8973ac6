// JSON-RPC across a bad network, with requests, notifications and cancellation: npm run example examples/json-rpc.ts

import { setTimeout as sleep } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import type { Session } from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import {
  type CancellationToken,
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { acrossBadNetwork } from './support/bad-network.ts';
import { runAsProgram } from './support/program.ts';
import { said } from './support/said.ts';

/** A JSON-RPC connection on a session; either end may ask and answer. It is disposed of when the session ends. */
export function jsonRpc(session: Session): MessageConnection {
  const stream = toDuplex(session);
  const connection = createMessageConnection(new StreamMessageReader(stream), new StreamMessageWriter(stream));
  // How the session ended is told by `session.closed$`; requests that wait are rejected.
  connection.onError(() => {});
  session.closed$.subscribe(() => connection.dispose());
  return connection;
}

/** The server. */
export function serveCalculator(session: Session): void {
  const connection = jsonRpc(session);
  const notes: string[] = [];
  connection.onRequest('add', ({ a, b }: { a: number; b: number }) => a + b);
  connection.onNotification('note', ({ text }: { text: string }) => void notes.push(text));
  connection.onRequest('notes', () => notes);
  connection.onRequest('ponder', async (_: object, token: CancellationToken) => {
    const stopped = new AbortController();
    token.onCancellationRequested(() => stopped.abort());
    // A token that was cancelled before the call was begun says so when asked, and only then.
    if (token.isCancellationRequested) stopped.abort();
    await sleep(60_000, undefined, { signal: stopped.signal }).catch(() => {
      notes.push('stopped pondering');
      throw new ResponseError(ErrorCodes.PendingResponseRejected, 'cancelled');
    });
    return 42;
  });
  connection.listen();
}

/** The client; the session is a stream of bytes. */
export async function useCalculator(session: Session, say: (line: string) => void): Promise<void> {
  const connection = jsonRpc(session);
  connection.listen();
  const sums = await Promise.all([1, 2, 3].map((a) => connection.sendRequest<number>('add', { a, b: 10 })));
  say(`sums: ${sums.join(', ')}`);
  await connection.sendNotification('note', { text: 'remember the milk' });
  const cancellation = new CancellationTokenSource();
  const pondering = connection.sendRequest('ponder', {}, cancellation.token);
  setTimeout(() => cancellation.cancel(), 100);
  await pondering.catch((error: ResponseError<void>) => say(`ponder: ${error.message}`));
  await connection
    .sendRequest('divide', { a: 1 })
    .catch((error: ResponseError<void>) => say(`divide: ${error.message}`));
  say(`notes: ${(await connection.sendRequest<string[]>('notes')).join(', ')}`);
}

export function calculate(): Observable<string> {
  return acrossBadNetwork({ mode: 'fast3', stream: true }, serveCalculator, (session) =>
    said((say) => useCalculator(session, say)),
  );
}

runAsProgram(import.meta.url, calculate());
