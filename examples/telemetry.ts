// How all sessions of a server are doing, as one Observable: npm run example examples/telemetry.ts

import {
  concat,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  Subject,
  scan,
  switchMap,
  take,
  withLatestFrom,
} from 'rxjs';
import { connect, type Session, type SessionStats } from 'rxkcp';
import { relayed } from './demo/route.ts';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';
import { encode } from './support/text.ts';

export interface Telemetry {
  readonly sessions: number;
  /** ms, smoothed, of the session with the longest. */
  readonly slowestRoundTrip: number;
  /** Share of the segments sent that were sent again, 0 … 1. */
  readonly sentAgain: number;
  /** Bytes delivered since the session began, of all sessions there are. */
  readonly bytesReceived: number;
}

/** A reading of all sessions there are, every `period` ms. `sessions` is what `listen` emits. */
export function telemetry(sessions: Observable<Session>, period: number): Observable<Telemetry> {
  const live = sessions.pipe(
    mergeMap((session) =>
      concat(of({ session, isLive: true }), session.closed$.pipe(map(() => ({ session, isLive: false })))),
    ),
    scan((all, { session, isLive }) => {
      if (isLive) all.add(session);
      else all.delete(session);
      return all;
    }, new Set<Session>()),
  );
  return interval(period).pipe(
    withLatestFrom(live),
    map(([, all]) => summary([...all].map((session) => session.stats()))),
  );
}

function summary(all: readonly SessionStats[]): Telemetry {
  const sum = (of: (stats: SessionStats) => number): number => all.reduce((total, stats) => total + of(stats), 0);
  const again = sum(({ retransmissions: { fast, early, timeout } }) => fast + early + timeout);
  return {
    sessions: all.length,
    slowestRoundTrip: Math.max(0, ...all.map(({ srtt }) => srtt)),
    sentAgain:
      again /
      Math.max(
        sum((stats) => stats.segmentsSent),
        1,
      ),
    bytesReceived: sum((stats) => stats.bytesReceived),
  };
}

/** Eight clients across a bad network, one after the other; three readings of the server. */
export function fleet(): Observable<string> {
  const sessions = new Subject<Session>();
  const server = serve({ mode: 'fast3' }, (session) => {
    sessions.next(session);
    return session.subscribe(session);
  });
  const clients = server.pipe(
    switchMap((port) => relayed({ target: { address: '127.0.0.1', port }, loss: 0.05, delay: 15, jitter: 10 })),
    mergeMap(({ port }) =>
      interval(50).pipe(
        take(8),
        mergeMap(() => connect({ port, mode: 'fast3' })),
      ),
    ),
    mergeMap((session) => {
      session.subscribe({});
      return interval(5).pipe(map(() => session.next(encode('a reading of a sensor, say'))));
    }),
  );
  const readings = telemetry(sessions, 400).pipe(
    map(
      ({ sessions: count, slowestRoundTrip, sentAgain, bytesReceived }) =>
        `${count} sessions, round trips up to ${slowestRoundTrip.toFixed(0)} ms, ` +
        `${(100 * sentAgain).toFixed(1)} % sent again, ${bytesReceived} bytes received`,
    ),
  );
  return merge(readings, clients.pipe(ignoreElements())).pipe(take(3));
}

runAsProgram(import.meta.url, fleet());
