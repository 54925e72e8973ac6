// Small messages at a steady pace, echoed: how long the slowest take shows how soon losses are made good.

import {
  combineLatest,
  first,
  ignoreElements,
  map,
  merge,
  type Observable,
  switchMap,
  take,
  tap,
  timer,
  toArray,
} from 'rxjs';
import type { ModeName, Session } from 'rxkcp';
import { type Network, openRoute, type Route, sentAgain } from './route.ts';

/** Round trips of one mode, ms. */
export interface Echo {
  readonly mode: ModeName;
  readonly messages: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Segments sent more than once, by both ends. */
  readonly retransmissions: number;
}

export const MESSAGE_BYTES = 64;
/** ms between two messages. */
export const PERIOD = 20;
/** ms of sending. */
export const DURATION = 5000;

/** Sends messages for {@link DURATION} across `network` and emits, when the last echo is back, how long they took. */
export function measureEcho(mode: ModeName, network: Network): Observable<Echo> {
  return openRoute({ mode }, network).pipe(
    switchMap((route) => merge(answering(route), measuring(route, mode))),
    first(),
  );
}

function answering({ server$ }: Route): Observable<never> {
  return server$.pipe(
    switchMap((server) => server.pipe(tap((message) => server.next(message)))),
    ignoreElements(),
  );
}

function measuring({ client, server$ }: Route, mode: ModeName): Observable<Echo> {
  const messages = DURATION / PERIOD;
  const sending = timer(0, PERIOD).pipe(
    take(messages),
    tap((index) => client.next(stamped(index))),
    ignoreElements(),
  );
  const roundTrips = client.pipe(map(roundTrip), take(messages), toArray());
  return merge(
    sending,
    combineLatest([roundTrips, server$]).pipe(map(([times, server]) => summary(mode, times, [client, server]))),
  );
}

/** A message that tells its number and when it was sent. */
function stamped(index: number): Uint8Array {
  const message = new Uint8Array(MESSAGE_BYTES);
  const view = new DataView(message.buffer);
  view.setUint32(0, index);
  view.setFloat64(4, performance.now());
  return message;
}

/** @throws Error when an echo is not what was sent, or not in order. */
function roundTrip(message: Uint8Array, index: number): number {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  if (message.length !== MESSAGE_BYTES || view.getUint32(0) !== index) {
    throw new Error(`echo ${index} is not what was sent: ${Buffer.from(message).toString('hex')}`);
  }
  return performance.now() - view.getFloat64(4);
}

function summary(mode: ModeName, times: readonly number[], ends: readonly Session[]): Echo {
  const sorted = times.toSorted((a, b) => a - b);
  /** The least time that a share of `share` has kept to. */
  const percentile = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
  return {
    mode,
    messages: times.length,
    p50: percentile(0.5),
    p90: percentile(0.9),
    p99: percentile(0.99),
    max: percentile(1),
    retransmissions: ends.reduce((sum, end) => sum + sentAgain(end), 0),
  };
}
