// What a slow reader costs (npx tsx bench/memory/slow-reader.ts, after npm run build): bytes go from one process to
// another as fast as they are taken; the reader takes 5 MB/s for a while and then what it can get, and both watch how much
// they grow. Before that, 64 MiB go the same way without a pause: V8 has then the young generation that it wants at this speed,
// whoever reads how. Exits with 1 when either process grows by more than 32 MiB.
//
//   --as duplex|web|session   how both ends use the session (default: each in turn)
//   --mib N                   how much is sent after warming up (default 1024)
//   --slow N                  seconds at 5 MB/s (default 10)

import { type ChildProcess, fork } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect, listen, type Session } from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { toWebStreams } from 'rxkcp/streams';

const MIB = 2 ** 20;
const LIMIT = 32 * MIB;
const WARM_UP = 64 * MIB;
/** Bytes a ms. */
const SLOW = 5000;
const SETTINGS = { stream: true, mode: 'fast3', sendWindow: 1024, receiveWindow: 1024 } as const;
const KINDS = ['duplex', 'web', 'session'] as const;
type Kind = (typeof KINDS)[number];

/** What a process has grown by, bytes of RSS. */
interface Growth {
  /** Since before the first byte, warming up included. */
  readonly cold: number;
  /** Since it was warm. */
  readonly warm: number;
  /** Since before the first byte, of what is in use after a garbage collection, while the reader was slow. */
  readonly kept: number;
}

class MemoryWatch {
  readonly #before = rss();
  readonly #usedBefore = used();
  #warm: number | undefined = undefined;
  #most = 0;
  #mostWarm = 0;
  #kept = 0;
  readonly #timer = setInterval(() => this.#look(), 20).unref();

  /** The process is warm; the reader is slow for so many seconds from now on. */
  begin(slowSeconds: number): void {
    this.#warm = rss();
    setTimeout(() => {
      this.#kept = used() - this.#usedBefore;
    }, slowSeconds * 900).unref();
  }

  end(): Growth {
    this.#look();
    clearInterval(this.#timer);
    return { cold: this.#most, warm: this.#mostWarm, kept: this.#kept };
  }

  #look(): void {
    const now = rss();
    this.#most = Math.max(this.#most, now - this.#before);
    if (this.#warm !== undefined) this.#mostWarm = Math.max(this.#mostWarm, now - this.#warm);
  }
}

const rss = (): number => process.memoryUsage.rss();

function used(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function* source(bytes: number, warmedUp: () => void): Generator<Uint8Array> {
  const chunk = new Uint8Array(64 * 1024).fill(0x5a);
  for (let sent = 0; sent < WARM_UP + bytes; sent += chunk.length) {
    if (sent === WARM_UP) warmedUp();
    yield chunk;
  }
}

function readerOf(session: Session, kind: Kind): AsyncIterable<Uint8Array> {
  if (kind === 'duplex') return toDuplex(session);
  // (The types of the DOM know nothing of its iterator yet.)
  if (kind === 'web') return toWebStreams(session).readable as unknown as AsyncIterable<Uint8Array>;
  return session;
}

async function write(session: Session, kind: Kind, chunks: Iterable<Uint8Array>): Promise<void> {
  if (kind === 'duplex') await pipeline(Readable.from(chunks), toDuplex(session));
  else if (kind === 'web') await ReadableStream.from(chunks).pipeTo(toWebStreams(session).writable);
  else for (const chunk of chunks) await session.send(chunk);
}

/** The reading process. */
function reader(kind: Kind, bytes: number, slowSeconds: number): void {
  const serving = listen({ ...SETTINGS, port: 0, host: '127.0.0.1', onListening: ({ port }) => tell(port) }).subscribe(
    async (session) => {
      const watch = new MemoryWatch();
      let start: number | undefined;
      let received = -WARM_UP;
      let slowRate: number | undefined;
      for await (const chunk of readerOf(session, kind)) {
        received += chunk.length;
        if (received < 0) continue;
        if (start === undefined) watch.begin(slowSeconds);
        start ??= performance.now();
        const elapsed = performance.now() - start;
        const early = received / SLOW - elapsed;
        if (elapsed >= slowSeconds * 1000) slowRate ??= received / elapsed / 1000;
        else if (early > 5) await sleep(early);
        if (received >= bytes) break;
      }
      tell({ ...watch.end(), seconds: (performance.now() - (start ?? 0)) / 1000, slowRate });
      // The writer is to have its acks.
      setTimeout(() => serving.unsubscribe(), 500);
    },
  );
}

/** The writing process. */
function writer(kind: Kind, bytes: number, slowSeconds: number, port: number): void {
  const dialling = connect({ ...SETTINGS, port }).subscribe(async (session) => {
    const watch = new MemoryWatch();
    await write(
      session,
      kind,
      source(bytes, () => watch.begin(slowSeconds)),
    );
    tell(watch.end());
    dialling.unsubscribe();
  });
}

function tell(message: unknown): void {
  process.send?.(message);
}

function child(...args: (string | number)[]): ChildProcess {
  const execArgv = [...process.execArgv, '--expose-gc'];
  return fork(fileURLToPath(import.meta.url), args.map(String), { execArgv });
}

const heard = <T>(from: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    from.once('message', (message) => resolve(message as T));
    from.once('exit', () => reject(new Error('a process ended without a report')));
  });

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { as: { type: 'string' }, mib: { type: 'string' }, slow: { type: 'string' } },
  });
  const bytes = Number(values.mib ?? 1024) * MIB;
  const slowSeconds = Number(values.slow ?? 10);
  for (const kind of KINDS.filter((each) => values.as === undefined || values.as === each)) {
    const reading = child('reader', kind, bytes, slowSeconds);
    const port = await heard<number>(reading);
    const writing = child('writer', kind, bytes, slowSeconds, port);
    const [written, read] = await Promise.all([
      heard<Growth>(writing),
      heard<Growth & { seconds: number; slowRate: number }>(reading),
    ]);
    const { seconds, slowRate } = read;
    console.log(`${kind}: ${inMib(bytes)} in ${seconds.toFixed(1)} s, ${slowRate.toFixed(1)} MB/s at first`);
    for (const [who, growth] of Object.entries({ writer: written, reader: read })) {
      const { warm, cold, kept } = growth;
      console.log(`  the ${who} grows by ${inMib(warm)} (from a cold start ${inMib(cold)}; in use ${inMib(kept)})`);
      if (warm > LIMIT) process.exitCode = 1;
    }
  }
}

const inMib = (size: number): string => `${(size / MIB).toFixed(1)} MiB`;

const [role, kind, ...numbers] = process.argv.slice(2);
const [bytes = 0, slowSeconds = 0, port = 0] = numbers.map(Number);
if (role === 'reader') reader(kind as Kind, bytes, slowSeconds);
else if (role === 'writer') writer(kind as Kind, bytes, slowSeconds, port);
else await main();
