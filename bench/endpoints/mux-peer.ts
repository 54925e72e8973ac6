// One end of a session and of the streams over it, for bench/mux.ts; spec/interop/peers/go/cmd/muxpeer is the same by smux over kcp-go.
//
// The server: the first byte of each stream says what becomes of it: `s` is read to its end, then answered by one byte; `e` comes back. With
// `--streams=0` there is no mux: the session is read up to as many bytes as its first eight say, then answered by one.
// The client: `--work=sink` sends `--bytes` over `--streams` streams, twice, and reports the second time; `--work=ping` sends 64 bytes every
// 10 ms for `--seconds` while `--bulk` streams are written to without end, and reports their round trips.

import { parseArgs } from 'node:util';
import { connect, listen, type Session } from 'rxkcp';
import { type MuxStream, mux } from 'rxkcp/mux';

const { values } = parseArgs({
  options: {
    role: { type: 'string' },
    work: { type: 'string' },
    addr: { type: 'string', default: '127.0.0.1:0' },
    streams: { type: 'string', default: '1' },
    bytes: { type: 'string', default: '0' },
    bulk: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '5' },
  },
});
const [host = '', port = ''] = values.addr.split(':');
const address = { host, port: Number(port) };
const streams = Number(values.streams);
const SETTINGS = { mode: 'fast3', stream: true, sendWindow: 1024, receiveWindow: 1024, mtu: 1400 } as const;
const CHUNK = new Uint8Array(65_536).fill(7);
const [SINK, ECHO] = ['s', 'e'].map((letter) => letter.charCodeAt(0)) as [number, number];
const PING_BYTES = 64;
const PACE = 10;

process.stdin.on('end', () => process.exit()).resume();
process.on('unhandledRejection', fail);
if (values.role === 'server') serve();
else void ask().catch(fail);

function emit(event: string, members: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...members })}\n`);
}

function fail(error: unknown): void {
  emit('error', { message: String(error) });
  process.exit(1);
}

function serve(): void {
  const server = listen({ ...address, ...SETTINGS, onListening: (at) => emit('listening', { port: at.port }) });
  server.subscribe((session) => {
    if (streams === 0) sinkWhole(session);
    else mux(session, { role: 'server', version: 2 }).streams$.subscribe(answer);
  });
}

function sinkWhole(session: Session): void {
  let left = 0;
  session.subscribe((bytes) => {
    if (left === 0) left = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0) + 8;
    left -= bytes.length;
    if (left === 0) session.next(Uint8Array.of(1));
  });
}

function answer(stream: MuxStream): void {
  let kind: number | undefined;
  stream.subscribe({
    next: (bytes) => {
      const said = kind === undefined ? bytes.subarray(1) : bytes;
      kind ??= bytes[0] as number;
      if (kind === ECHO && said.length > 0) stream.next(said);
    },
    error: () => {},
    complete: () => {
      if (kind === SINK) stream.next(Uint8Array.of(1));
      stream.complete();
    },
  });
}

async function ask(): Promise<void> {
  const session = await new Promise<Session>((resolve, reject) => {
    connect({ ...address, ...SETTINGS }).subscribe({ next: resolve, error: reject });
  });
  if (values.work === 'ping') await ping(session);
  else await sink(session);
  process.exit();
}

async function sink(session: Session): Promise<void> {
  const bytes = Number(values.bytes);
  const send = streams === 0 ? wholeSink(session) : muxedSink(session);
  await send(bytes);
  const before = process.cpuUsage();
  const began = performance.now();
  await send(bytes);
  const { user, system } = process.cpuUsage(before);
  emit('done', { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 });
}

function wholeSink(session: Session): (bytes: number) => Promise<void> {
  let answered = (): void => {};
  session.subscribe(() => answered());
  return async (bytes) => {
    const done = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const length = new DataView(new ArrayBuffer(8));
    length.setFloat64(0, bytes);
    await session.send(new Uint8Array(length.buffer));
    for (let left = bytes; left > 0; left -= CHUNK.length)
      await session.send(CHUNK.subarray(0, Math.min(left, CHUNK.length)));
    await done;
  };
}

function muxedSink(session: Session): (bytes: number) => Promise<void> {
  const carried = mux(session, { role: 'client', version: 2 });
  return async (bytes) => {
    await Promise.all(
      Array.from({ length: streams }, async () => {
        const stream = carried.open();
        await stream.send(Uint8Array.of(SINK));
        for (let left = bytes / streams; left > 0; left -= CHUNK.length) {
          await stream.send(CHUNK.subarray(0, Math.min(left, CHUNK.length)));
        }
        stream.complete();
        for await (const _ of stream);
      }),
    );
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PACE));
}

async function ping(session: Session): Promise<void> {
  const carried = mux(session, { role: 'client', version: 2 });
  for (let i = 0; i < Number(values.bulk); i++) void flood(carried.open());
  const stream = carried.open();
  await stream.send(Uint8Array.of(ECHO));
  const sentAt: number[] = [];
  const took: number[] = [];
  let received = 0;
  stream.subscribe((bytes) => {
    received += bytes.length;
    while (took.length < Math.floor(received / PING_BYTES))
      took.push(performance.now() - (sentAt[took.length] as number));
  });
  // The first second is for windows to grow, and for the compiler.
  const count = ((1 + Number(values.seconds)) * 1000) / PACE;
  for (let i = 0; i < count; i++) {
    sentAt.push(performance.now());
    stream.next(new Uint8Array(PING_BYTES));
    await pause();
  }
  for (let waits = 0; took.length < count && waits < 5000 / PACE; waits++) await pause();
  if (took.length < count) throw new Error(`${took.length} of ${count} pings came back`);
  const counted = took.slice(1000 / PACE).sort((a, b) => a - b);
  const quantile = (share: number): number => counted[Math.floor(share * counted.length)] as number;
  emit('done', { p50: quantile(0.5), p99: quantile(0.99) });
}

async function flood(stream: MuxStream): Promise<void> {
  await stream.send(Uint8Array.of(SINK));
  for (;;) await stream.send(CHUNK);
}
