// Backpressure from end to end, over UDP: a slow reader slows the writer down, and nothing piles up between them.
// (The measurement of a whole GiB between two processes is bench/memory/slow-reader.ts.)

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Subscription } from 'rxjs';
import { type Address, connect, listen, type Session } from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { toWebStreams } from 'rxkcp/streams';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { pair } from '../support/sessions.ts';

const MIB = 2 ** 20;
/** Enough to tell: without backpressure all of it would be in memory before a tenth of it was read. */
const BYTES = 48 * MIB;
/** Both ends are in this process. */
const LIMIT = 16 * MIB;
/** ms at 5 MB/s. */
const SLOW_TIME = 1500;
const SLOW_RATE = 5000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use, garbage not counted. */
function used(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function* source(): Generator<Uint8Array> {
  for (let sent = 0; sent < BYTES; sent += 64 * 1024) yield new Uint8Array(64 * 1024);
}

const readers: Record<string, (session: Session) => AsyncIterable<Uint8Array>> = {
  'a Duplex': toDuplex,
  'a ReadableStream': (session) => toWebStreams(session).readable as unknown as AsyncIterable<Uint8Array>,
  'a session': (session) => session,
};

const writers: Record<string, (session: Session) => Promise<void>> = {
  'a Duplex': (session) => pipeline(Readable.from(source()), toDuplex(session)),
  'a ReadableStream': (session) => ReadableStream.from(source()).pipeTo(toWebStreams(session).writable),
  'a session': async (session) => {
    for (const chunk of source()) await session.send(chunk);
  },
};

/** Reads everything, slowly at first. Resolves with what was used at most in that time. */
async function readSlowly(messages: AsyncIterable<Uint8Array>): Promise<{ received: number; most: number }> {
  const start = performance.now();
  let received = 0;
  let most = 0;
  let looked = start;
  for await (const message of messages) {
    received += message.length;
    const now = performance.now();
    if (now - start < SLOW_TIME) {
      const early = received / SLOW_RATE - (now - start);
      if (early > 5) await sleep(early);
      if (now - looked > 200) {
        looked = now;
        most = Math.max(most, used());
      }
    }
    if (received === BYTES) break;
  }
  return { received, most };
}

/** As much as has a process change its allocator's settings once, with a block that is garbage at once (src/bytes/fresh/unzeroed.ts). */
beforeAll(async () => {
  const [left, right] = pair({ stream: true });
  let arrived = 0;
  right.subscribe(({ length }) => {
    arrived += length;
  });
  for (let sent = 0; sent < 17 * MIB; sent += 65_536) await left.send(new Uint8Array(65_536));
  await eventually(() => expect(arrived).toBe(17 * MIB));
  left.close();
  right.close();
  // What the first collection finds, the second takes off the books.
  used();
});

test.each(Object.keys(readers))('a slow reader of %s costs no memory on either side', async (kind) => {
  const settings = { mode: 'fast3', stream: true, sendWindow: 256, receiveWindow: 256 } as const;
  const before = used();
  const subscriptions = new Subscription();
  const reading = new Promise<{ received: number; most: number }>((resolve, reject) => {
    const onListening = ({ port }: Address): void => {
      const write = (session: Session): void => void writers[kind]?.(session).catch(reject);
      subscriptions.add(connect({ ...settings, port }).subscribe({ next: write, error: reject }));
    };
    const read = (session: Session): void => {
      readSlowly(readers[kind]?.(session) as AsyncIterable<Uint8Array>).then(resolve, reject);
    };
    subscriptions.add(
      listen({ ...settings, port: 0, host: '127.0.0.1', onListening }).subscribe({ next: read, error: reject }),
    );
  });
  const { received, most } = await reading.finally(() => subscriptions.unsubscribe());
  expect(received).toBe(BYTES);
  expect(most).toBeGreaterThan(0);
  expect(most - before).toBeLessThan(LIMIT);
});
