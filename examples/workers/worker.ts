// One worker: a server of its own on the port that all share. The pool has started it, as a thread or as a process of a cluster.

import { parentPort } from 'node:worker_threads';
import { map, type Observable, tap } from 'rxjs';
import { listen, type Session } from 'rxkcp';
import { serve } from 'rxkcp/operators';
import { encode } from '../support/text.ts';
import { GOODBYE, type Order, type Report } from './words.ts';

const { WORKER_NAME = '', WORKER_PORT } = process.env;
const sessions = new Set<Session>();
let messages = 0;
let isDraining = false;

const server = listen({
  port: Number(WORKER_PORT),
  host: '127.0.0.1',
  reusePort: true,
  mode: 'fast3',
  idleTimeout: 30_000,
  onListening: ({ port }) => tell({ kind: 'listening', port }),
  // What cannot be bound, or fails later, ends this worker: the pool hears of it.
})
  .pipe(serve(work))
  .subscribe();

if (parentPort === null) {
  process.on('message', obey);
  // Ctrl-C reaches every process of the terminal: it is for the pool to say what it means.
  process.on('SIGINT', () => {});
} else {
  parentPort.on('message', obey);
}

function work(session: Session): Observable<unknown> {
  sessions.add(session);
  session.closed$.subscribe(() => {
    sessions.delete(session);
    tellIfDrained();
  });
  // The system knows nothing of our plans, and sends strangers here as long as there is a socket.
  if (isDraining) finish(session);
  return session.pipe(
    tap(() => messages++),
    map(() => encode(WORKER_NAME)),
    tap(session.observer),
  );
}

function obey(order: Order): void {
  switch (order.kind) {
    case 'count':
      tell({ kind: 'counted', sessions: sessions.size, messages });
      break;
    case 'drain':
      isDraining = true;
      for (const session of sessions) finish(session);
      tellIfDrained();
      break;
    case 'leave':
      server.unsubscribe();
      process.exit(); // of a thread it ends the thread
  }
}

/** All that was sent arrives before the session closes. */
function finish(session: Session): void {
  session.next(encode(GOODBYE));
  session.complete();
}

function tellIfDrained(): void {
  if (isDraining && sessions.size === 0) tell({ kind: 'drained' });
}

function tell(report: Report): void {
  if (parentPort === null) process.send?.(report);
  else parentPort.postMessage(report);
}
