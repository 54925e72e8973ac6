// The round trips of a client while another one sends hostile FEC packets: each in a process, for all compete for the server only.

import { type ChildProcess, fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { firstValueFrom } from 'rxjs';
import { connect, listen, type Session, type Snmp, snmp } from 'rxkcp';
import { type FecStream, HONEST_STREAM, HOSTILE_STREAMS } from '../../spec/core/fec/hostile-streams.ts';

const STREAMS: readonly FecStream[] = [HONEST_STREAM, ...HOSTILE_STREAMS];
const FEC = { data: 10, parity: 3 };
/** Of a stream. 10000 datagrams per second are 112 Mbit/s. */
const PER_SECOND = 10_000;
const PINGS = 300;
const PING_GAP = 10;
const CONV = 0x5eed;

/** Prints the median round trip when nothing happens, and next to each stream. */
export async function fecStreams(): Promise<void> {
  const server = await startRole('server');
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  console.log(
    `p50 of ${PINGS} round trips of a client, next to another one that sends ${PER_SECOND} FEC datagrams per second:`,
  );
  // The first ones are those of a process that is yet to be compiled.
  for (let warm = 0; warm < 2; warm++) await roundTrip(port);
  const calm = await roundTrip(port);
  console.log(`  nothing: ${calm.toFixed(3)} ms`);
  for (const [index, { name }] of STREAMS.entries()) {
    const sender = await startRole('sender', `${port}`, `${index}`);
    await once(sender, 'message');
    const before = await counted(server);
    const median = await roundTrip(port);
    const after = await counted(server);
    sender.kill();
    const grown = (name: 'InPkts' | 'FECRecovered' | 'FECErrs'): number => after[name] - before[name];
    console.log(
      `  ${name}: ${median.toFixed(3)} ms, ${(median / calm).toFixed(2)} x calm ` +
        `(${grown('InPkts')} datagrams, ${grown('FECRecovered')} packets rebuilt, ${grown('FECErrs')} refused)`,
    );
  }
  server.kill();
}

async function roundTrip(port: number): Promise<number> {
  const times: number[] = [];
  const dialing = connect({ port, mode: 'fast3', fec: FEC });
  const session = await new Promise<Session>((resolve, reject) => {
    const connection = dialing.subscribe({ next: resolve, error: reject });
    sessions.push(() => connection.unsubscribe());
  });
  for (let i = 0; i < PINGS; i++) {
    const begun = performance.now();
    const answer = firstValueFrom(session);
    session.next(new Uint8Array(64));
    await answer;
    times.push(performance.now() - begun);
    await sleep(PING_GAP);
  }
  for (const close of sessions.splice(0)) close();
  return times.sort((a, b) => a - b)[PINGS >> 1] as number;
}
const sessions: (() => void)[] = [];

/** What the server has counted. */
async function counted(server: ChildProcess): Promise<Snmp> {
  server.send('count');
  const [counters] = (await once(server, 'message')) as [Snmp];
  return counters;
}

async function startRole(...args: string[]): Promise<ChildProcess> {
  const child = fork(fileURLToPath(import.meta.url), args);
  process.once('exit', () => child.kill());
  await once(child, 'spawn');
  return child;
}

/** Echoes what its clients say. */
function serve(): void {
  listen({
    port: 0,
    host: '127.0.0.1',
    mode: 'fast3',
    fec: FEC,
    onListening: ({ port }) => process.send?.({ port }),
  }).subscribe((session) => session.subscribe(session));
  process.on('message', () => process.send?.(snmp()));
}

/** Begins a conversation, and then sends the stream `index`. */
async function send(port: number, index: number): Promise<void> {
  const socket = createSocket({ type: 'udp4', sendBufferSize: 1 << 20 });
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const { datagram } = STREAMS[index] as FecStream;
  // The first segment of a conversation, bare.
  const opener = new Uint8Array(25);
  const view = new DataView(opener.buffer);
  view.setUint32(0, CONV + index, true);
  opener[4] = 81;
  view.setUint16(6, 128, true);
  view.setUint32(20, 1, true);
  socket.send(opener);
  process.send?.('begun');
  const begun = performance.now();
  for (let i = 0; ; ) {
    const due = ((performance.now() - begun) / 1000) * PER_SECOND;
    for (; i < due; i++) socket.send(datagram(i, CONV + index));
    await sleep(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [role, port, index] = process.argv.slice(2);
  if (role === 'server') serve();
  else if (role === 'sender') await send(Number(port), Number(index));
}
