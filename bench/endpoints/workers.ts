// A sink of several workers: threads, each with its own socket on one port. The flags are those of the kcp-go peer's, and
// `--workers`; lines `cpu` on standard input are answered with the processor time of all threads, and how many sessions each has.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { listen, type Session } from 'rxkcp';
import { fleetFlags, sessionOptions } from './support/fleet.ts';
import { cpuSeconds } from './support/usage.ts';

/** A sink has received everything. */
const DONE = Uint8Array.of(0x06);

if (isMainThread) await lead();
else serve(workerData as number);

async function lead(): Promise<void> {
  const sessions: number[] = [];
  let port = 0;
  for (let i = 0; i < fleetFlags.workers; i++) {
    sessions.push(0);
    const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), workerData: port });
    port = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
    worker.on('message', () => sessions[i]!++);
  }
  say('listening', { port });
  process.stdin.on('data', () => say('cpu', { cpuSeconds: cpuSeconds(), sessions })).on('end', () => process.exit());
}

function serve(port: number): void {
  const onListening = (local: { port: number }): void => parentPort?.postMessage(local.port);
  listen({ ...sessionOptions, port, reusePort: true, onListening }).subscribe((session) => {
    parentPort?.postMessage('session');
    sink(session);
  });
}

/** As that of peer.ts. */
function sink(session: Session): void {
  const { bytes, warmup } = fleetFlags;
  let received = -warmup;
  session.subscribe((message) => {
    received += message.length;
    if (received === 0 || received === bytes) session.next(DONE);
  });
}

function say(event: string, members: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...members })}\n`);
}
