// Our own clients and servers, over real UDP on this machine, closed when the test is over.

import { type Observable, ReplaySubject } from 'rxjs';
import { connect, listen, type Session, type SessionOptions } from 'rxkcp';
import type { Cleanup } from './cleanup.ts';

export interface OurServer {
  readonly port: number;
  /** All sessions, past and to come. */
  readonly sessions: Observable<Session>;
  /** Closes the sessions and the socket. */
  close(): void;
}

/** @param options those of the sessions, and the port: any free one by default. */
export function startOurServer(
  options: SessionOptions & { port?: number; migrate?: boolean },
  cleanup: Cleanup,
): Promise<OurServer> {
  return new Promise((resolve, reject) => {
    const sessions = new ReplaySubject<Session>();
    const server = listen({
      port: 0,
      host: '127.0.0.1',
      ...options,
      onListening: ({ port }) => resolve({ port, sessions, close: () => server.unsubscribe() }),
    }).subscribe({ next: (session) => sessions.next(session), error: reject });
    cleanup(() => server.unsubscribe());
  });
}

/** A session with `port` of this machine. */
export function dial(port: number, options: SessionOptions, cleanup: Cleanup): Promise<Session> {
  return new Promise((resolve, reject) => {
    const connection = connect({ host: '127.0.0.1', port, ...options }).subscribe({ next: resolve, error: reject });
    cleanup(() => connection.unsubscribe());
  });
}
