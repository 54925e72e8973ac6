// One end of a conversation of ours, with flags, works and events of kcp-go's (spec/interop/peers/go/README.md), as
// far as the benchmarks use them: either program can be the other's peer. Sessions are used as any user would.

import { parseArgs } from 'node:util';
import { type ConnectOptions, connect, listen, type Session } from 'rxkcp';

/** A sink has received everything. */
const DONE = Uint8Array.of(0x06);

const { values: flags } = parseArgs({
  options: {
    role: { type: 'string' },
    work: { type: 'string' },
    addr: { type: 'string', default: '127.0.0.1:0' },
    bytes: { type: 'string', default: '0' },
    warmup: { type: 'string', default: '0' },
    write: { type: 'string', default: '65536' },
    mtu: { type: 'string', default: '1400' },
    sndwnd: { type: 'string', default: '32' },
    rcvwnd: { type: 'string', default: '32' },
    nodelay: { type: 'string', default: '0,40,2,1' },
    stream: { type: 'string', default: 'true' },
    sockbuf: { type: 'string', default: '4194304' },
    timeout: { type: 'string', default: '120' },
    sha: { type: 'string', default: 'false' },
    'idle-report': { type: 'boolean', default: false },
  },
});
if (flags.sha !== 'false') throw new Error('nothing is hashed here: --sha=false');

const [host = '', port = ''] = flags.addr.split(':');
const [nodelay, interval = 10, resend = 2, nc] = flags.nodelay.split(',').map(Number);
const options = {
  host,
  port: Number(port),
  mode: { nodelay: nodelay === 1, interval, resend, nc: nc === 1 },
  sendWindow: Number(flags.sndwnd),
  receiveWindow: Number(flags.rcvwnd),
  mtu: Number(flags.mtu),
  stream: flags.stream === 'true',
  recvBufferSize: Number(flags.sockbuf),
  sendBufferSize: Number(flags.sockbuf),
} satisfies ConnectOptions;
const bytes = Number(flags.bytes);
const warmup = Number(flags.warmup);
const write = Number(flags.write);
let sessions = 0;

if (Number(flags.timeout) > 0) setTimeout(() => process.exit(3), Number(flags.timeout) * 1000).unref();
process.stdin.setEncoding('utf8').on('data', (text) => {
  for (const line of String(text).trim().split('\n')) {
    if (line === 'report') report();
    else if (line === 'cpu') emit('cpu', { cpuSeconds: cpuSeconds() });
  }
});
process.stdin.on('end', () => process.exit());

if (flags.role === 'server') {
  listen({ ...options, onListening: (local) => emit('listening', { port: local.port }) }).subscribe(serve);
} else {
  connect(options).subscribe((session) => void ask(session));
}

function serve(session: Session): void {
  sessions++;
  if (flags.work === 'echo') session.subscribe(session);
  if (bytes === 0) return;
  // The round of warming up and the one that counts do not mix: the client waits for the end of the first.
  let received = -warmup;
  let watch = startWatch();
  session.subscribe({
    next: (message) => {
      if (received === 0) watch = startWatch();
      received += message.length;
      if (received !== 0 && received !== bytes) return;
      if (flags.work === 'sink') session.next(DONE);
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
    expected = received + (flags.work === 'echo' ? total : DONE.length);
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

interface Usage {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

function startWatch(): () => Usage {
  const began = performance.now();
  const cpu = cpuSeconds();
  return () => ({ seconds: (performance.now() - began) / 1000, cpuSeconds: cpuSeconds() - cpu });
}

/** User and system time of this process so far. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** What the process holds now, after garbage was collected (node --expose-gc). */
function report(): void {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  emit('report', { sessions, rssKiB: rss / 1024, heapKiB: (heapUsed + external) / 1024 });
}

function emit(event: string, members: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...members })}\n`);
}

function fail(error: unknown): void {
  emit('error', { message: String(error) });
  process.exit(1);
}
