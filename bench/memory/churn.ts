// What is left of sessions that have ended (npx tsx --expose-gc bench/memory/churn.ts, after npm run build): 10 000 times a
// client connects over UDP, has a message echoed and leaves, in each of the ways there are in turn. Tells what memory is in use
// after every thousand, when all of them are gone, and what the event loop still knows of at the end. Exits with 1 when there
// is a socket, a timer or a session left, or when the last five thousand have cost more than 100 bytes each.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { connect, listen, type Session, snmp } from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { toWebStreams } from 'rxkcp/streams';

const CYCLES = 10_000;
const AT_A_TIME = 50;
const ROUND = 1000;
/** ms after which the server gives a client up that has left without a word, as all do. */
const IDLE = 500;
const BYTES_EACH = 100;

/** Each has a message echoed, and leaves. */
const ways: ((session: Session) => Promise<unknown>)[] = [
  async (session) => {
    session.next(Uint8Array.of(1));
    await firstValueFrom(session);
    session.close();
  },
  async (session) => {
    await session.send(Uint8Array.of(1));
    for await (const _ of session) break;
    session.complete();
    await firstValueFrom(session.closed$);
  },
  async (session) => {
    const stream = toDuplex(session);
    stream.write('1');
    await once(stream, 'data');
    stream.destroy();
    await once(stream, 'close');
  },
  async (session) => {
    const { readable, writable } = toWebStreams(session);
    const writer = writable.getWriter();
    await writer.write(Uint8Array.of(1));
    await readable.getReader().read();
    await writer.close();
  },
];

function cycle(port: number, number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const dialling = connect({ port, mode: 'fast3' }).subscribe({
      next: (session) =>
        ways[number % ways.length]?.(session)
          .then(() => dialling.unsubscribe())
          .then(resolve, reject),
      error: reject,
    });
  });
}

/** Bytes, when all sessions are gone. */
async function inUse(): Promise<number> {
  for (let waited = 0; snmp().CurrEstab > 0 && waited < 10_000; waited += 100) await sleep(100);
  await sleep(100);
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Sockets and timers the event loop waits for. */
function resources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap' || name === 'Timeout');
}

const serving = await new Promise<{ port: number; stop: () => void }>((resolve) => {
  const stop = (): void => subscription.unsubscribe();
  const onListening = ({ port }: { port: number }): void => resolve({ port, stop });
  const subscription = listen({ port: 0, host: '127.0.0.1', mode: 'fast3', idleTimeout: IDLE, onListening }).subscribe(
    (session) => session.subscribe({ next: (message) => session.next(message), error: () => {} }),
  );
});
const used: number[] = [];
for (let done = 0; done < CYCLES; ) {
  const start = performance.now();
  for (const until = done + ROUND; done < until; done += AT_A_TIME) {
    await Promise.all(Array.from({ length: AT_A_TIME }, (_, i) => cycle(serving.port, done + i)));
  }
  const seconds = (performance.now() - start) / 1000;
  used.push(await inUse());
  console.log(`${done} cycles: ${((used.at(-1) ?? 0) / 2 ** 20).toFixed(2)} MiB in use (${seconds.toFixed(1)} s)`);
}
serving.stop();
await sleep(100);
const { CurrEstab, ActiveOpens, PassiveOpens } = snmp();
const half = used.length / 2;
const each = ((used.at(-1) ?? 0) - (used[half - 1] ?? 0)) / (CYCLES / 2);
console.log(
  `sessions opened ${ActiveOpens} and ${PassiveOpens}, left ${CurrEstab}; resources left: ${resources().join(', ') || 'none'}`,
);
console.log(`the last ${CYCLES / 2} cost ${each.toFixed(1)} bytes each`);
process.exitCode = CurrEstab === 0 && resources().length === 0 && each <= BYTES_EACH ? 0 : 1;
