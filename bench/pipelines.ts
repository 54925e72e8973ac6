// What the ways to send with backpressure cost: npx tsx bench/pipelines.ts
//
// Messages of 1000 bytes from one session to another over memory, one pipeline after the other, medians of several rounds.

import Table from 'cli-table3';
import { concatMap, lastValueFrom, map, range } from 'rxjs';
import { connect, memoryPair, type Session } from 'rxkcp';
import { sendTo } from 'rxkcp/operators';

const MESSAGES = 30_000;
const ROUNDS = 7;
const message = new Uint8Array(1000);

const WAYS: Readonly<Record<string, (session: Session) => Promise<unknown>>> = {
  'await session.send(message)': async (session) => {
    for (let i = 0; i < MESSAGES; i++) await session.send(message);
  },
  'messages.pipe(sendTo(session))': (session) =>
    lastValueFrom(
      range(0, MESSAGES).pipe(
        map(() => message),
        sendTo(session),
      ),
    ),
  'messages.pipe(concatMap((message) => session.send$(message)))': (session) =>
    lastValueFrom(range(0, MESSAGES).pipe(concatMap(() => session.send$(message)))),
};

/** Thousands of messages per second, from the first sent to the last received. */
async function throughput(way: (session: Session) => Promise<unknown>): Promise<number> {
  const [left, right] = memoryPair();
  const options = { conv: 1, mode: 'fast3', sendWindow: 1024, receiveWindow: 1024 } as const;
  let received = 0;
  const arrived = new Promise<void>((resolve, reject) => {
    const next = () => {
      if (++received === MESSAGES) resolve();
    };
    connect({ link: right, ...options }).subscribe((session) => session.subscribe({ next, error: reject }));
  });
  const opened = new Promise<Session>((resolve, reject) => {
    connect({ link: left, ...options }).subscribe({ next: resolve, error: reject });
  });
  const session = await opened;
  const start = performance.now();
  await way(session);
  await arrived;
  const seconds = (performance.now() - start) / 1000;
  session.close();
  return MESSAGES / 1000 / seconds;
}

const names = Object.keys(WAYS);
const rounds = new Map<string, number[]>(names.map((name) => [name, []]));
for (const way of Object.values(WAYS)) await throughput(way); // for the compiler
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, way] of Object.entries(WAYS)) rounds.get(name)?.push(await throughput(way));
}

const table = new Table({
  head: ['way', '1000 messages per second (min … max)', '÷ await send'],
  colAligns: ['left', 'right', 'right'],
  style: { head: [], border: [], compact: true },
});
const median = (values: readonly number[]): number => values[values.length >> 1] as number;
const sorted = names.map((name) => (rounds.get(name) ?? []).sort((a, b) => a - b));
for (const [index, values] of sorted.entries()) {
  const ratio = median(values) / median(sorted[0] as number[]);
  const range = `${values[0]?.toFixed(0)} … ${values[values.length - 1]?.toFixed(0)}`;
  table.push([names[index], `${median(values).toFixed(0)} (${range})`, ratio.toFixed(2)]);
}
console.log(table.toString());
process.exit();
