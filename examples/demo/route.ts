// The way from a client to a server: two real UDP sockets, and the bad network between them.

import { bufferCount, first, interval, map, Observable, ReplaySubject, switchMap } from 'rxjs';
import { connect, listen, type Session, type SessionOptions } from 'rxkcp';
import { openRelay, type Relay, type RelayOptions } from '../relay.ts';

/** What the network does to datagrams. */
export type Network = Required<Omit<RelayOptions, 'target' | 'lossBurst'>>;

export interface Route {
  readonly client: Session;
  /** Emits the server's end as soon as the first datagram has come across. */
  readonly server$: Observable<Session>;
  readonly relay: Relay;
}

/** Emits a route once it is there. Unsubscribing closes everything: both sessions, all sockets, the relay. */
export function openRoute(settings: SessionOptions, network: Network): Observable<Route> {
  return hosted(settings).pipe(
    switchMap(({ port, server$ }) =>
      relayed({ ...network, target: { address: '127.0.0.1', port } }).pipe(
        switchMap((relay) =>
          connect({ ...settings, port: relay.port }).pipe(map((client) => ({ client, server$, relay }))),
        ),
      ),
    ),
  );
}

/** A server on a port of the system's choice. */
function hosted(settings: SessionOptions): Observable<{ port: number; server$: Observable<Session> }> {
  return new Observable((subscriber) => {
    const server$ = new ReplaySubject<Session>(1);
    const onListening = ({ port }: { port: number }): void => subscriber.next({ port, server$ });
    const sessions = listen({ ...settings, host: '127.0.0.1', port: 0, onListening });
    subscriber.add(
      sessions.subscribe({
        next: (session) => server$.next(session),
        error: (error) => subscriber.error(error),
      }),
    );
  });
}

/** A relay as long as it is subscribed to. */
export function relayed(options: RelayOptions): Observable<Relay> {
  return new Observable((subscriber) => {
    openRelay(options).then(
      (relay) => {
        subscriber.add(() => relay.close());
        subscriber.next(relay);
      },
      (error) => subscriber.error(error),
    );
  });
}

/** Emits once nothing is on its way any more: neither end has sent or received anything for longer than that takes. */
export function quiet({ client, server$ }: Route, { delay, jitter }: Network): Observable<unknown> {
  const passage = delay + 2 * jitter + 50;
  return server$.pipe(
    switchMap((server) =>
      interval(passage).pipe(
        map(() => [client, server].map((end) => `${end.stats().packetsSent} ${end.stats().packetsReceived}`).join()),
      ),
    ),
    // Two looks would do, if the process never slept between its timers and its sockets.
    bufferCount(3, 1),
    first((looks) => looks.every((look) => look === looks[0])),
  );
}

/** Segments that a session has sent more than once. */
export function sentAgain(session: Session): number {
  const { fast, early, timeout } = session.stats().retransmissions;
  return fast + early + timeout;
}
