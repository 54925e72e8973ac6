// npm run bench:mux: what streams over a session cost, and what a small one among large ones waits; ours, and smux over kcp-go. Medians of
// runs in turn.

import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { openRelay } from '../examples/relay.ts';
import { goProgram, kcpGo } from '../spec/interop/support/go-build.ts';
import { nodeCommand } from './bench.ts';
import { Child, numberOf } from './child.ts';
import { compileEndpoints } from './endpoints.ts';
import { medianOf } from './results.ts';

const MiB = 1 << 20;
/** ms for one program. */
const TIMEOUT = 60_000;
/** Streams of a sink; 0 is the session itself. */
const STREAMS = [0, 1, 100];
const BULK = 20;

const number = (name: string, help: string, value: number): Option =>
  new Option(`--${name} <number>`, help).default(value).argParser(Number);
const { runs, mib, delay, seconds } = new Command('bench:mux')
  .addOption(number('runs', 'runs of each', 5))
  .addOption(number('mib', 'MiB of a sink, after as many to warm up', 256))
  .addOption(number('delay', 'ms, one way, of the network on which small messages are timed', 25))
  .addOption(number('seconds', 'of small messages', 5))
  .parse()
  .opts<{ runs: number; mib: number; delay: number; seconds: number }>();

await compileEndpoints();
const PROGRAMS = {
  rxkcp: nodeCommand('mux-peer'),
  ...(kcpGo.missing === undefined ? { 'smux over kcp-go': [goProgram('muxpeer')] as const } : {}),
};
if (kcpGo.missing !== undefined) console.log(`without smux: ${kcpGo.missing}`);
type Name = keyof typeof PROGRAMS;
const names = Object.keys(PROGRAMS) as Name[];

/** One run: what the client reports. @param through ms one way of a network between them; undefined for loopback itself. */
async function run(
  name: Name,
  flags: readonly string[],
  through?: number,
): Promise<Awaited<ReturnType<Child['event']>>> {
  const program = PROGRAMS[name] as readonly [string, ...string[]];
  const server = new Child(program, ['--role=server', ...flags], TIMEOUT);
  const children = [server];
  try {
    const port = numberOf(await server.event('listening'), 'port');
    const target = { address: '127.0.0.1', port };
    const relay = through === undefined ? undefined : await openRelay({ target, delay: through });
    try {
      const addr = `--addr=127.0.0.1:${relay?.port ?? port}`;
      const client = new Child(program, ['--role=client', addr, ...flags], TIMEOUT);
      children.push(client);
      return await client.event('done');
    } finally {
      relay?.close();
    }
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

async function mediansOf(measure: (name: Name) => Promise<number>): Promise<number[]> {
  const values = names.map((): number[] => []);
  for (let i = 0; i < runs; i++) for (const [j, name] of names.entries()) values[j]!.push(await measure(name));
  return values.map((of) => medianOf(of));
}

const table = new Table({ head: ['', ...names], style: { head: [], border: [], compact: true } });

let bare: number[] = [];
for (const streams of STREAMS) {
  const rates = await mediansOf(async (name) => {
    const done = await run(name, ['--work=sink', `--streams=${streams}`, `--bytes=${mib * MiB}`]);
    return mib / numberOf(done, 'seconds');
  });
  if (streams === 0) bare = rates;
  const what = streams === 0 ? 'session alone' : `${streams} stream${streams === 1 ? '' : 's'}`;
  table.push([
    `sink, ${what}`,
    ...rates.map((rate, i) => `${rate.toFixed(0)} MiB/s (${(rate / bare[i]!).toFixed(2)})`),
  ]);
}

for (const through of [undefined, delay]) {
  let alone: number[] = [];
  for (const bulk of [0, BULK]) {
    const p99 = await mediansOf(async (name) => {
      const flags = ['--work=ping', `--bulk=${bulk}`, `--seconds=${seconds}`];
      return numberOf(await run(name, flags, through), 'p99');
    });
    if (bulk === 0) alone = p99;
    const where = through === undefined ? 'loopback' : `${2 * through} ms round trip`;
    const what = `64 bytes each 10 ms, ${bulk === 0 ? 'alone' : `next to ${bulk} bulk streams`}, ${where}`;
    table.push([what, ...p99.map((ms, i) => `p99 ${ms.toFixed(1)} ms (${(ms / alone[i]!).toFixed(2)})`)]);
  }
}
console.log(table.toString());
