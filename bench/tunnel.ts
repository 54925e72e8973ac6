// npm run bench:tunnel: `rxkcp tunnel` at both ends against kcptun at both ends, in turn, over loopback or a bad network. Medians.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { openRelay } from '../examples/relay.ts';
import { freePort } from '../spec/support/free-port.ts';
import { medianOf } from './results.ts';

const MiB = 1 << 20;
/** Clock ticks a second in /proc. */
const TICKS = 100;

const number = (name: string, help: string, value: number): Option =>
  new Option(`--${name} <number>`, help).default(value).argParser(Number);
const { runs, mib, connections, loss, delay, flags } = new Command('bench:tunnel')
  .addOption(number('runs', 'runs of each', 5))
  .addOption(number('mib', 'MiB to send, over all connections', 128))
  .addOption(number('connections', 'TCP connections', 1))
  .addOption(number('loss', 'per cent, per direction', 0))
  .addOption(number('delay', 'ms, one way', 0))
  .option('--flags <text>', 'of both ends', '--mode fast3 --crypt aes --sndwnd 2048 --rcvwnd 2048 --smuxver 2 --nocomp')
  .parse()
  .opts<{ runs: number; mib: number; connections: number; loss: number; delay: number; flags: string }>();

const PROGRAMS = {
  rxkcp: (role: string): string[] => [process.execPath, 'dist/cli/rxkcp.js', 'tunnel', role],
  kcptun: (role: string): string[] => [`kcptun-${role}`],
};
type Subject = keyof typeof PROGRAMS;

interface Result {
  readonly mibPerSecond: number;
  readonly cpuPerGib: number;
}

/** User and system time of a process, s. */
function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Sends `bytes`; resolves when the target has said that it has them. */
async function send(port: number, bytes: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const length = Buffer.alloc(8);
  length.writeDoubleLE(bytes);
  socket.write(length);
  const chunk = Buffer.alloc(65_536, 7);
  for (let left = bytes; left > 0; left -= chunk.length) {
    if (!socket.write(chunk.subarray(0, Math.min(left, chunk.length)))) await once(socket, 'drain');
  }
  await once(socket, 'data');
  socket.destroy();
}

async function run(subject: Subject): Promise<Result> {
  // Reads as many bytes as the first eight say, and answers with one.
  const target = createServer((socket) => {
    let left = Number.NaN;
    socket
      .on('error', () => {})
      .on('data', (chunk) => {
        left = Number.isNaN(left) ? chunk.readDoubleLE() - chunk.length + 8 : left - chunk.length;
        if (left <= 0) socket.write('.');
      });
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const [udp, port] = [await freePort(), await freePort()];
  const start = (role: string, ...more: string[]): ChildProcess => {
    const [program, ...first] = PROGRAMS[subject](role) as [string, ...string[]];
    return spawn(program, [...first, ...flags.split(' '), '--quiet', ...more], { stdio: 'ignore' });
  };
  const targetPort = (target.address() as AddressInfo).port;
  const server = start('server', '-l', `127.0.0.1:${udp}`, '-t', `127.0.0.1:${targetPort}`);
  const network = { loss: loss / 100, delay, seed: 3 };
  const relay =
    loss + delay > 0 ? await openRelay({ target: { address: '127.0.0.1', port: udp }, ...network }) : undefined;
  const client = start('client', '-l', `127.0.0.1:${port}`, '-r', `127.0.0.1:${relay?.port ?? udp}`);
  try {
    for (let tries = 0; ; tries++) {
      try {
        await send(port, 4 * MiB);
        break;
      } catch (error) {
        if (tries === 300) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    // Hot code is compiled, and buffers are grown.
    await send(port, (mib * MiB) / 4);
    const cpu = cpuOf(client) + cpuOf(server);
    const begun = performance.now();
    const bytes = Math.floor((mib * MiB) / connections);
    await Promise.all(Array.from({ length: connections }, () => send(port, bytes)));
    const seconds = (performance.now() - begun) / 1000;
    const used = cpuOf(client) + cpuOf(server) - cpu;
    return { mibPerSecond: mib / seconds, cpuPerGib: (used * 1024) / mib };
  } finally {
    for (const child of [client, server]) child.kill('SIGKILL');
    relay?.close();
    target.close();
  }
}

const results: Record<Subject, Result[]> = { rxkcp: [], kcptun: [] };
for (let i = 0; i < runs; i++) {
  // The one that comes first changes.
  const order: Subject[] = i % 2 === 0 ? ['rxkcp', 'kcptun'] : ['kcptun', 'rxkcp'];
  for (const subject of order) results[subject].push(await run(subject));
  process.stderr.write('.');
}
process.stderr.write('\n');
const median = (subject: Subject, what: keyof Result): number => medianOf(results[subject].map((one) => one[what]));
const table = new Table({ head: ['tunnel', 'MiB/s', 'cpu-s/GiB'], style: { head: [], border: [], compact: true } });
for (const subject of ['rxkcp', 'kcptun'] as const) {
  table.push([subject, median(subject, 'mibPerSecond').toFixed(1), median(subject, 'cpuPerGib').toFixed(2)]);
}
const ratio = (what: keyof Result): string => (median('rxkcp', what) / median('kcptun', what)).toFixed(2);
table.push(['rxkcp / kcptun', ratio('mibPerSecond'), ratio('cpuPerGib')]);
console.log(`${mib} MiB over ${connections} connections, ${loss} % loss, ${delay} ms one way, ${runs} runs; ${flags}`);
console.log(table.toString());
process.exit();
