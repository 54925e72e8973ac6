// A game at 60 Hz: 20 players on a network that loses 5 % each way, and how long their events take: npm run example examples/game.ts
//
// Everything is an ordinary message: inputs and state, which are small and come 60 times a second, and events, of which none may be lost. A
// lost datagram costs no round trip, since the next one carries its messages again 17 ms later (the option `bundle`, on by default). State
// that would have to wait is not sent, since the next one says more.

import {
  filter,
  ignoreElements,
  interval,
  map,
  merge,
  Observable,
  switchMap,
  takeUntil,
  tap,
  timer,
  toArray,
  withLatestFrom,
} from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { converse } from 'rxkcp/operators';
import { relayed } from './demo/route.ts';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';

export interface Game {
  readonly players: number;
  /** Share of datagrams lost per direction. */
  readonly loss: number;
  readonly seconds: number;
}

const TICK = 1000 / 60;
/** ms between the events of a player: shots, hits, pick-ups. */
const EVENT_EVERY = 180;
const OPTIONS = { mode: 'fast3', idleTimeout: 10_000 } as const;
const INPUT = { kind: 0, bytes: 32 };
const STATE = { kind: 1, bytes: 120 };
const EVENT = { kind: 2, bytes: 24 };

/** Its first byte says what it is, the next eight when it was sent. Both ends are in this process, and have one clock. */
function message({ kind, bytes }: typeof EVENT): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  view.setUint8(0, kind);
  view.setFloat64(1, performance.now());
  return new Uint8Array(view.buffer);
}

/** What an end sends: `what` at each tick, and events in between. */
function play(session: Session, what: typeof EVENT): Observable<Uint8Array> {
  const ticks = interval(TICK).pipe(
    withLatestFrom(session.congested$),
    filter(([, congested]) => !congested),
  );
  const messages = merge(ticks.pipe(map(() => what)), interval(EVENT_EVERY).pipe(map(() => EVENT)));
  return messages.pipe(
    map(message),
    tap((bytes) => session.next(bytes)),
  );
}

/** Emits the ms that each event takes, in both directions. */
export function game({ players, loss, seconds }: Game): Observable<number> {
  return new Observable((subscriber) => {
    const part = (what: typeof EVENT) => (session: Session) => {
      const received = session.pipe(
        filter(([kind]) => kind === EVENT.kind),
        tap(({ buffer, byteOffset }) => {
          subscriber.next(performance.now() - new DataView(buffer, byteOffset).getFloat64(1));
        }),
      );
      return merge(received, play(session, what)).pipe(ignoreElements());
    };
    const client = (port: number): Observable<never> => connect({ ...OPTIONS, port }).pipe(converse(part(INPUT)));
    const over = timer(seconds * 1000);
    return serve(OPTIONS, part(STATE))
      .pipe(
        switchMap((port) => relayed({ loss, delay: 20, jitter: 5, target: { address: '127.0.0.1', port } })),
        switchMap(({ port }) => merge(...Array.from({ length: players }, () => client(port)))),
        takeUntil(over),
      )
      .subscribe(subscriber);
  });
}

/** A line about how long events took. */
export function report({ players, loss, seconds }: Game): Observable<string> {
  return game({ players, loss, seconds }).pipe(
    toArray(),
    map((times) => {
      times.sort((a, b) => a - b);
      const quantile = (share: number): string => `${(times[Math.ceil(times.length * share) - 1] ?? 0).toFixed(0)} ms`;
      const network = `${players} players, ${100 * loss} % lost each way, 20 ± 5 ms one way`;
      return `${network}: ${times.length} events, p50 ${quantile(0.5)}, p99 ${quantile(0.99)}, longest ${quantile(1)}`;
    }),
  );
}

runAsProgram(import.meta.url, report({ players: 20, loss: 0.05, seconds: 10 }));
