// Small messages at a steady pace, echoed: how long the slowest take shows how soon losses are made good.

import {
  combineLatest,
  first,
  forkJoin,
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
import type { FecShape, ModeName, Session } from 'rxkcp';
import { type Network, openRoute, type Route, sentAgain } from './route.ts';

/** What the sessions are set to. */
export interface EchoSettings {
  readonly mode: ModeName;
  readonly fec?: FecShape | undefined;
}

/** Round trips of one setting, ms. */
export interface Echo extends EchoSettings {
  readonly messages: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Segments sent more than once, by both ends. */
  readonly retransmissions: number;
  /** Packets that FEC has rebuilt, at both ends. */
  readonly recovered: number;
  /** What both ends have sent, in UDP payload, bytes. */
  readonly wireBytes: number;
}

export const MESSAGE_BYTES = 64;
/** ms between two messages. */
export const PERIOD = 20;
/** ms of sending. */
export const DURATION = 5000;
/** Of each setting, all at once: a single one meets too few losses to tell them apart. */
export const CLIENTS = 4;
const MESSAGES = DURATION / PERIOD;

/** Sends messages for {@link DURATION} across `network` and emits, when the last echo is back, how long they took. */
export function measureEcho(settings: EchoSettings, network: Network): Observable<Echo> {
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    oneClient(settings, { ...network, seed: network.seed + index }),
  );
  return forkJoin(clients).pipe(map((measured) => summary(settings, measured)));
}

interface Measured extends Pick<Echo, 'retransmissions' | 'recovered' | 'wireBytes'> {
  /** ms */
  readonly roundTrips: readonly number[];
}

function oneClient(settings: EchoSettings, network: Network): Observable<Measured> {
  return openRoute(settings, network).pipe(
    switchMap((route) => merge(answering(route), measuring(route))),
    first(),
  );
}

function answering({ server$ }: Route): Observable<never> {
  return server$.pipe(
    switchMap((server) => server.pipe(tap((message) => server.next(message)))),
    ignoreElements(),
  );
}

function measuring({ client, server$ }: Route): Observable<Measured> {
  const sending = timer(0, PERIOD).pipe(
    take(MESSAGES),
    tap((index) => client.next(stamped(index))),
    ignoreElements(),
  );
  const echoes = client.pipe(map(roundTrip), take(MESSAGES), toArray());
  const measured = combineLatest({ roundTrips: echoes, server: server$ }).pipe(
    map(({ roundTrips, server }) => {
      const ofBoth = (count: (end: Session) => number): number => count(client) + count(server);
      return {
        roundTrips,
        retransmissions: ofBoth(sentAgain),
        recovered: ofBoth((end) => end.snmp().FECRecovered),
        wireBytes: ofBoth((end) => end.stats().wireBytesSent),
      };
    }),
  );
  return merge(sending, measured);
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

function summary(settings: EchoSettings, measured: readonly Measured[]): Echo {
  const sorted = measured.flatMap(({ roundTrips }) => roundTrips).sort((a, b) => a - b);
  /** The least time that a share of `share` has kept to. */
  const percentile = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
  const sum = (count: (each: Measured) => number): number => measured.reduce((total, each) => total + count(each), 0);
  return {
    ...settings,
    messages: sorted.length,
    p50: percentile(0.5),
    p90: percentile(0.9),
    p99: percentile(0.99),
    max: percentile(1),
    retransmissions: sum((each) => each.retransmissions),
    recovered: sum((each) => each.recovered),
    wireBytes: sum((each) => each.wireBytes),
  };
}
