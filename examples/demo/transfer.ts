// The file: sent in a stream, hashed at both ends, and the hash that the receiver made sent back.

import { createHash } from 'node:crypto';
import {
  combineLatest,
  defer,
  first,
  ignoreElements,
  interval,
  map,
  merge,
  type Observable,
  type Observer,
  scan,
  startWith,
  switchMap,
  takeWhile,
  tap,
  withLatestFrom,
} from 'rxjs';
import type { FecShape, ModeName, Session, SessionStats } from 'rxkcp';
import type { Relay } from '../relay.ts';
import { fileDigest, LENGTH_BYTES } from './digest.ts';
import { type Network, openRoute, quiet, type Route, sentAgain } from './route.ts';
import { read, type Source } from './source.ts';

/** How a transfer is getting on. */
export interface Progress {
  /** That have arrived, in order. */
  readonly bytes: number;
  /** Bytes a second, over the last second. */
  readonly rate: number;
  /** Smoothed, ms. */
  readonly roundTrip: number;
  /** Segments sent more than once. */
  readonly sentAgain: number;
}

/** What the file's session is set to. */
export interface TransferSettings {
  readonly mode: ModeName;
  readonly fec: FecShape | undefined;
}

export interface Transfer extends TransferSettings {
  readonly path: string;
  readonly fileBytes: number;
  readonly bytes: number;
  /** From the first byte sent until the answer was back. */
  readonly seconds: number;
  readonly sha256: { readonly sent: string; readonly received: string };
  readonly intact: boolean;
  /** ms */
  readonly roundTrip: number;
  /** Segments the client sent again, by what told that they were lost. */
  readonly retransmissions: SessionStats['retransmissions'];
  /** Segments the server got more than once. */
  readonly needless: number;
  /** Packets with data that FEC has rebuilt at the server. */
  readonly recovered: number;
  /** What the two ends have sent, in UDP payload. */
  readonly wire: { readonly up: Traffic; readonly down: Traffic };
  readonly relay: ReturnType<Relay['stats']>;
  /** Datagrams that nobody meant to lose: socket buffers were full. */
  readonly overflowed: number;
}

export interface Traffic {
  readonly datagrams: number;
  readonly bytes: number;
}

const WINDOW = 1024;
const DIGEST_BYTES = 32;
/** ms between two looks at the progress. */
const LOOK = 100;

/** Sends `source` across `network`, telling `progress` about it; emits once, how it went. */
export function transferFile(
  source: Source,
  chosen: TransferSettings,
  network: Network,
  progress: Observer<Progress>,
): Observable<Transfer> {
  const settings = { ...chosen, stream: true, sendWindow: WINDOW, receiveWindow: WINDOW };
  return openRoute(settings, network).pipe(
    switchMap((route) =>
      merge(receiver(route), telemetry(route, source, progress), sender(route, source, chosen, network)),
    ),
    first(),
    tap({ error: () => progress.complete(), finalize: () => progress.complete() }),
  );
}

/** The server's part. Hashes what comes, and answers. */
function receiver({ server$ }: Route): Observable<never> {
  return server$.pipe(
    switchMap((server) =>
      server.pipe(
        fileDigest(),
        tap((digest) => server.next(digest)),
      ),
    ),
    ignoreElements(),
  );
}

function telemetry({ client, server$ }: Route, source: Source, progress: Observer<Progress>): Observable<never> {
  return interval(LOOK).pipe(
    withLatestFrom(server$.pipe(startWith(undefined))),
    map(([, server]) => ({ at: performance.now(), received: server?.stats().bytesReceived ?? 0 })),
    scan((looks, look) => [...looks, look].slice(-1000 / LOOK - 1), [] as { at: number; received: number }[]),
    map((looks): Progress => {
      const [oldest, latest] = [looks[0]!, looks.at(-1)!];
      const bytes = latest.received - oldest.received;
      return {
        bytes: Math.max(latest.received - LENGTH_BYTES, 0),
        rate: bytes === 0 ? 0 : (1000 * bytes) / (latest.at - oldest.at),
        roundTrip: client.stats().srtt,
        sentAgain: sentAgain(client),
      };
    }),
    takeWhile(({ bytes }) => bytes < source.bytes, true),
    tap(progress),
    ignoreElements(),
  );
}

/** The client's part. */
function sender(route: Route, source: Source, chosen: TransferSettings, network: Network): Observable<Transfer> {
  const { client } = route;
  return defer(() => {
    const start = performance.now();
    return combineLatest({
      sent: send(client, source),
      received: client.pipe(
        scan((digest, piece) => Uint8Array.of(...digest, ...piece), new Uint8Array()),
        first((digest) => digest.length >= DIGEST_BYTES),
        map((digest) => ({ hash: Buffer.from(digest).toString('hex'), seconds: (performance.now() - start) / 1000 })),
      ),
    });
  }).pipe(
    switchMap(({ sent, received: { hash, seconds } }) =>
      combineLatest({ server: route.server$, quiet: quiet(route, network) }).pipe(
        map(
          ({ server }): Transfer => ({
            ...source,
            ...chosen,
            seconds,
            sha256: { sent, received: hash },
            intact: sent === hash,
            roundTrip: client.stats().srtt,
            retransmissions: client.stats().retransmissions,
            needless: server.snmp().RepeatSegs,
            recovered: server.snmp().FECRecovered,
            ...balance(client.stats(), server.stats(), route.relay.stats()),
          }),
        ),
      ),
    ),
  );
}

/** Sends the length and the content, at the pace of the window. Resolves with the SHA-256 of what was sent. */
async function send(session: Session, source: Source): Promise<string> {
  const hash = createHash('sha256');
  const header = new Uint8Array(LENGTH_BYTES);
  new DataView(header.buffer).setBigUint64(0, BigInt(source.bytes));
  await session.send(header);
  for await (const chunk of read(source)) {
    hash.update(chunk);
    await session.send(chunk);
  }
  return hash.digest('hex');
}

/** What the ends have sent, what the relay has made of it, and what never reached the relay. */
function balance(
  client: SessionStats,
  server: SessionStats,
  relay: ReturnType<Relay['stats']>,
): Pick<Transfer, 'wire' | 'relay' | 'overflowed'> {
  return {
    wire: {
      up: { datagrams: client.packetsSent, bytes: client.wireBytesSent },
      down: { datagrams: server.packetsSent, bytes: server.wireBytesSent },
    },
    relay,
    // On the other side of it nothing overflows: a relay sends no more at a time than a socket is read of.
    overflowed: client.packetsSent - relay.up.datagrams + server.packetsSent - relay.down.datagrams,
  };
}
