// The server of the flood, and the client that has a session there. Started by flood.ts.

import { setTimeout as sleep } from 'node:timers/promises';
import { connect, listen, type Refusals, refusals, type Session } from 'rxkcp';

/** What the server tells of itself, in bytes where it is memory. */
export interface ServerState {
  /** V8's heap and buffers after a forced collection. */
  readonly collected: number;
  readonly heap: number;
  readonly buffers: number;
  readonly rss: number;
  /** Sessions at a time, at most. */
  readonly most: number;
  readonly refusals: Readonly<Refusals>;
}

/** Round trips, in ms. */
export interface Pings {
  readonly count: number;
  readonly lost: number;
  readonly p50: number;
  readonly p99: number;
}

const MESSAGE = 64;
const GAP = 10;
/** ms that the last answers may take. */
const GRACE = 2000;

/** Echoes, with all defaults. */
function serve(): void {
  let live = 0;
  let most = 0;
  listen({
    port: 0,
    host: '127.0.0.1',
    mode: 'fast3',
    onListening: ({ port }) => process.send?.({ port }),
  }).subscribe((session) => {
    most = Math.max(most, ++live);
    session.closed$.subscribe(() => live--);
    session.subscribe({ next: (message) => session.next(message), error: () => {} });
  });
  process.on('message', () => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed: heap, arrayBuffers: buffers, rss } = process.memoryUsage();
    process.send?.({ collected: heap + buffers, heap, buffers, rss, most, refusals: refusals() } satisfies ServerState);
  });
}

/** Has one session, and measures it for as many seconds as it is asked. */
function dial(port: number): void {
  let session: Session | undefined;
  const sent = new Map<number, number>();
  const times: number[] = [];
  connect({ host: '127.0.0.1', port, mode: 'fast3' }).subscribe((connected) => {
    session = connected;
    session.subscribe((message) => {
      const number = new DataView(message.buffer, message.byteOffset).getUint32(0);
      times.push(performance.now() - (sent.get(number) ?? Number.NaN));
      sent.delete(number);
    });
  });
  process.on('message', async (seconds: number) => {
    times.length = 0;
    sent.clear();
    const begun = performance.now();
    const count = (seconds * 1000 - GRACE) / GAP;
    for (let i = 0; i < count; i++) {
      const message = new Uint8Array(MESSAGE);
      new DataView(message.buffer).setUint32(0, i);
      // Each at its time, whatever has become of the ones before.
      await sleep(Math.max(begun + i * GAP - performance.now(), 0));
      sent.set(i, performance.now());
      session?.next(message);
    }
    await sleep(GRACE);
    const all = [...times, ...Array.from({ length: sent.size }, () => GRACE)].sort((a, b) => a - b);
    const share = (part: number): number => all[Math.floor(part * all.length)] as number;
    process.send?.({ count, lost: sent.size, p50: share(0.5), p99: share(0.99) } satisfies Pings);
  });
}

const [role, port] = process.argv.slice(2);
if (role === 'server') serve();
else dial(Number(port));
