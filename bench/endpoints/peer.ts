// One end of a conversation of ours, with flags, works and events of kcp-go's (spec/interop/peers/go/README.md), as
// far as the benchmarks use them: either program can be the other's peer. Sessions are used as any user would.

import { type ConnectOptions, connect, listen, type Session } from 'rxkcp';
import { emit, fail, liveAsLongAsTheBench } from './support/events.ts';
import { flags } from './support/flags.ts';
import { cpuSeconds, startWatch, type Usage } from './support/usage.ts';

/** A sink has received everything. */
const DONE = Uint8Array.of(0x06);

const { role, work, host, port, bytes, warmup, write } = flags;
const options = {
  host,
  port,
  mode: flags.mode,
  sendWindow: flags.sendWindow,
  receiveWindow: flags.receiveWindow,
  mtu: flags.mtu,
  stream: flags.stream,
  recvBufferSize: flags.socketBuffer,
  sendBufferSize: flags.socketBuffer,
} satisfies ConnectOptions;
let sessions = 0;

process.stdin.setEncoding('utf8').on('data', (text) => {
  for (const line of String(text).trim().split('\n')) {
    if (line === 'report') report();
    else if (line === 'cpu') emit('cpu', { cpuSeconds: cpuSeconds() });
  }
});
liveAsLongAsTheBench();

if (role === 'server') {
  listen({ ...options, onListening: (local) => emit('listening', { port: local.port }) }).subscribe(serve);
} else {
  connect(options).subscribe((session) => void ask(session));
}

function serve(session: Session): void {
  sessions++;
  if (work === 'echo') session.subscribe(session);
  if (bytes === 0) return;
  // The round of warming up and the one that counts do not mix: the client waits for the end of the first.
  let received = -warmup;
  let watch = startWatch();
  session.subscribe({
    next: (message) => {
      if (received === 0) watch = startWatch();
      received += message.length;
      if (received !== 0 && received !== bytes) return;
      if (work === 'sink') session.next(DONE);
      if (received === bytes) emit('done', { bytesReceived: bytes, ...watch() });
    },
    error: fail,
  });
}

async function ask(session: Session): Promise<void> {
  let received = 0;
  let enough = (): void => {};
  let expected = 0;
  session.subscribe({
    next: (message) => {
      received += message.length;
      if (received >= expected) enough();
    },
    error: fail,
  });
  const round = async (total: number): Promise<() => Usage> => {
    const chunk = new Uint8Array(write);
    expected = received + (work === 'echo' ? total : DONE.length);
    const answered = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const watch = startWatch();
    for (let left = total; left > 0; left -= write) {
      await session.send(left < write ? chunk.subarray(0, left) : chunk);
    }
    await answered;
    return watch;
  };
  if (warmup > 0) await round(warmup);
  const watch = await round(bytes);
  emit('done', { bytesSent: bytes, ...watch() });
}

/** What the process holds now, after garbage was collected (node --expose-gc). */
function report(): void {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  emit('report', { sessions, rssKiB: rss / 1024, heapKiB: (heapUsed + external) / 1024 });
}
