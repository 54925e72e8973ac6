// npm run fairness: bulk transfers through a line between two network namespaces, next to the kernel's TCP. Needs root, `ip` and `tc`. The
// line is a token bucket with a drop-tail queue: its delay is that of the queue.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import type { Report } from './peer.ts';

const number = (name: string, help: string, value: number): Option =>
  new Option(`--${name} <number>`, help).default(value).argParser(Number);
const { rate, queue, seconds, window, controllers, rivals } = new Command('fairness')
  .addOption(number('rate', 'Mbit/s', 20))
  .addOption(number('queue', 'bytes', 125_000))
  .addOption(number('seconds', 'how long each measurement takes', 15))
  .option('--window <segments>', 'of the session, or auto', '1024')
  .option('--controllers <list>', 'of the session', 'none,kcp,cubic,model')
  .option('--rivals <list>', "the kernel's TCP that the session meets", 'cubic,bbr')
  .parse()
  .opts<{ rate: number; queue: number; seconds: number; window: string; controllers: string; rivals: string }>();

const PEER = fileURLToPath(new URL('./peer.ts', import.meta.url));
const HOST = '10.99.0.2';
/** s that a flow is given before it is measured. */
const SETTLING = 5;
/** Whose namespaces these are. */
const SENDERS = `rxkcp-a${process.pid}`;
const RECEIVERS = `rxkcp-b${process.pid}`;

const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8' });
const inside = (namespace: string, ...args: string[]): string => run('ip', 'netns', 'exec', namespace, ...args);

/** Lets every namespace choose among all that the kernel has. */
function allowAll(): void {
  const folder = '/proc/sys/net/ipv4';
  writeFileSync(`${folder}/tcp_allowed_congestion_control`, readFileSync(`${folder}/tcp_available_congestion_control`));
}

function lay(): void {
  allowAll();
  for (const name of [SENDERS, RECEIVERS]) run('ip', 'netns', 'add', name);
  run('ip', 'link', 'add', 'va', 'netns', SENDERS, 'type', 'veth', 'peer', 'name', 'vb', 'netns', RECEIVERS);
  for (const [name, device, address] of [
    [SENDERS, 'va', '10.99.0.1/24'],
    [RECEIVERS, 'vb', `${HOST}/24`],
  ] as const) {
    inside(name, 'ip', 'link', 'set', 'lo', 'up');
    inside(name, 'ip', 'addr', 'add', address, 'dev', device);
    inside(name, 'ip', 'link', 'set', device, 'up');
  }
  inside(
    SENDERS,
    'tc',
    'qdisc',
    'add',
    'dev',
    'va',
    'root',
    'tbf',
    'rate',
    `${rate}mbit`,
    'burst',
    '4kb',
    'limit',
    String(queue),
  );
}

function tear(): void {
  for (const name of [SENDERS, RECEIVERS]) {
    try {
      run('ip', 'netns', 'del', name);
    } catch {
      // It was never made.
    }
  }
}

interface Line {
  readonly packets: number;
  readonly dropped: number;
}

function lineNow(): Line {
  const told = inside(SENDERS, 'tc', '-s', 'qdisc', 'show', 'dev', 'va');
  const [, packets, dropped] = /Sent \d+ bytes (\d+) pkt \(dropped (\d+)/.exec(told) ?? [];
  return { packets: Number(packets), dropped: Number(dropped) };
}

const sleep = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1000));

/** A flow that runs until it is stopped. */
class Flow {
  readonly #processes: ChildProcess[] = [];
  bytes = 0;

  /** @param kind a congestion control of the kernel's TCP, or `kcp:` and a controller. */
  static async start(kind: string, port: number): Promise<Flow> {
    const flow = new Flow();
    flow.#spawn(RECEIVERS, 'receive', kind, port);
    await sleep(1.5);
    flow.#spawn(SENDERS, 'send', kind, port);
    return flow;
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#processes.map((each) => {
        const over = once(each, 'exit');
        each.kill('SIGKILL');
        return over;
      }),
    );
  }

  #spawn(namespace: string, role: string, kind: string, port: number): void {
    const args = [
      'netns',
      'exec',
      namespace,
      process.execPath,
      '--import',
      'tsx',
      PEER,
      role,
      kind,
      HOST,
      String(port),
      window,
    ];
    const child = spawn('ip', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('message', (report: Report) => {
      this.bytes = report.bytes;
    });
    this.#processes.push(child);
  }
}

/** Mbit/s of each of `kinds`, which run together, and what the line did. */
async function measure(
  kinds: readonly string[],
): Promise<{ readonly rates: readonly number[]; readonly dropped: number }> {
  const flows = await Promise.all(kinds.map((kind, i) => Flow.start(kind, 5001 + i)));
  try {
    await sleep(SETTLING);
    const before = flows.map(({ bytes }) => bytes);
    const line = lineNow();
    const began = performance.now();
    await sleep(seconds);
    const ms = performance.now() - began;
    const { packets, dropped } = lineNow();
    return {
      rates: flows.map(({ bytes }, i) => ((bytes - (before[i] ?? 0)) * 8) / ms / 1000),
      dropped: (dropped - line.dropped) / Math.max(packets - line.packets, 1),
    };
  } finally {
    await Promise.all(flows.map((flow) => flow.stop()));
  }
}

const table = new Table({
  head: [
    'controller',
    'alone, Mbit/s',
    'dropped',
    ...rivals.split(',').flatMap((rival) => [`next to ${rival}`, rival]),
  ],
});
process.on('exit', tear);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
lay();
for (const rival of rivals.split(',')) {
  const { rates, dropped } = await measure([rival]);
  table.push([`TCP, ${rival}`, rates[0]?.toFixed(1), dropped.toFixed(3)]);
}
for (const controller of controllers.split(',')) {
  const kind = `kcp:${controller}`;
  const alone = await measure([kind]);
  const row = [controller, alone.rates[0]?.toFixed(1), alone.dropped.toFixed(3)];
  for (const rival of rivals.split(',')) {
    const { rates } = await measure([kind, rival]);
    row.push(...rates.map((each) => each.toFixed(1)));
  }
  table.push(row);
}
console.log(`${rate} Mbit/s, a queue of ${queue} bytes, window ${window}, ${seconds} s each`);
console.log(table.toString());
