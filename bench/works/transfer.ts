// Throughput over loopback: kcp-go's BenchmarkEchoSpeed and BenchmarkSinkSpeed (sess_test.go), client and server in
// two processes.

import { Child, numberOf } from '../child.ts';
import type { Subject, Work } from '../work.ts';
import { BENCHMARK_SETTINGS, ECHO_SETTINGS } from './settings.ts';

const MiB = 1 << 20;
const GiB = 1 << 30;
/** ms for one program, start and end included. */
const TIMEOUT = 60_000;

interface Transfer {
  readonly name: string;
  readonly server: 'echo' | 'sink';
  readonly client: 'echo' | 'source';
  /** Bytes of one write. */
  readonly write: number;
  /**
   * Bytes of one run; if they come back, per direction. As many are moved before the clock starts, in the same session: a long-lived process
   * has its hot code compiled, which takes V8 a second or two.
   */
  readonly bytes: number;
  readonly subjects: readonly Subject[];
  /** In addition to kcp-go's settings of its sinks. */
  readonly more?: { readonly client: readonly string[]; readonly server: readonly string[] };
}

const KCP: readonly Subject[] = ['rxkcp', 'rxkcp-dgram', 'kcp-go'];
const BARE: readonly Subject[] = [...KCP, 'node:dgram'];
const ALL: readonly Subject[] = [...BARE, 'udx-native', 'node:net'];

function transfer({ name, server, client, write, bytes, subjects, more }: Transfer): Work {
  const flags = [...BENCHMARK_SETTINGS, `--bytes=${bytes}`, `--warmup=${bytes}`, `--write=${write}`];
  return {
    name,
    subjects,
    async run(subject, bench) {
      const command = bench.command(subject, 'peer');
      const children: Child[] = [];
      const start = (args: readonly string[]): Child => {
        const child = new Child(command, [...flags, ...args], TIMEOUT);
        children.push(child);
        return child;
      };
      try {
        const serving = start(['--role=server', `--work=${server}`, ...(more?.server ?? [])]);
        const port = numberOf(await serving.event('listening'), 'port');
        const addr = `--addr=127.0.0.1:${port}`;
        const asking = start(['--role=client', `--work=${client}`, addr, ...(more?.client ?? [])]);
        const [asked, served] = await Promise.all([asking.event('done'), serving.event('done')]);
        const cpu = numberOf(asked, 'cpuSeconds') + numberOf(served, 'cpuSeconds');
        return [
          { unit: 'MiB/s', value: bytes / MiB / numberOf(asked, 'seconds') },
          { unit: 'cpu-s/GiB', value: (cpu * GiB) / bytes },
        ];
      } finally {
        await Promise.all(children.map((child) => child.stop()));
      }
    },
  };
}

function echo(size: string, write: number): Work {
  return transfer({ name: `echo-${size}`, server: 'echo', client: 'echo', write, bytes: 128 * MiB, subjects: ALL });
}

/** As kcp-go's is in full: with salsa20, and error correction that differs between the ends. */
function echoFec(size: string, write: number): Work {
  const work = { server: 'echo', client: 'echo', write, bytes: 128 * MiB, subjects: BARE } as const;
  return transfer({ ...work, name: `echo-fec-${size}`, more: ECHO_SETTINGS });
}

function sink(size: string, write: number): Work {
  return transfer({ name: `sink-${size}`, server: 'sink', client: 'source', write, bytes: 512 * MiB, subjects: ALL });
}

export const transfers: readonly Work[] = [
  echo('4k', 4096),
  echo('64k', 65_536),
  echo('512k', 524_288),
  echo('1m', MiB),
  echoFec('4k', 4096),
  echoFec('64k', 65_536),
  echoFec('512k', 524_288),
  echoFec('1m', MiB),
  sink('4k', 4096),
  sink('64k', 65_536),
  // kcp-go writes 512 KiB in the benchmark it calls 256K.
  sink('256k', 524_288),
  sink('1m', MiB),
];
