// Small messages at a steady pace through a bad network: the round-trip time of each.

import { openRelay } from '../../examples/relay.ts';
import { Child, numberOf } from '../child.ts';
import type { Subject, Work } from '../work.ts';
import { BENCHMARK_SETTINGS } from './settings.ts';

const HOST = '127.0.0.1';
/** Conversations at a time, whose figures count together: they keep no core busy. */
const CONVERSATIONS = 4;
/** ms for one program, start, end and patience with the last answers included. */
const TIMEOUT = 60_000;
/** Per direction, in ms. The relay runs here, where nothing else happens meanwhile. */
const DELAY = { delay: 25, jitter: 5 };
const ALL: readonly Subject[] = ['rxkcp', 'kcp-go', 'node-kcp', 'udx-native'];
const WITH_KCP_GO: readonly Subject[] = ['rxkcp', 'kcp-go'];
const PING = ['--interval-ms=20', '--message=64', '--duration=30s', `--sessions=${CONVERSATIONS}`];

/** A row of the table, and what is special about it. */
interface Latency {
  /** Lost per direction. */
  readonly percent: number;
  readonly name?: string;
  readonly flags?: readonly string[];
  readonly subjects?: readonly Subject[];
  /** How many datagrams are lost in a row, on average. Default: each by itself. */
  readonly lossBurst?: number;
  /** Whose the server is. Default: the subject's own. */
  readonly server?: Subject;
}

function latency({ percent, name = 'latency', flags = [], subjects = ALL, lossBurst = 0, server }: Latency): Work {
  return {
    name: `${name}-${percent}`,
    subjects,
    runs: 3,
    async run(subject, bench, turn) {
      const settings = [...BENCHMARK_SETTINGS, '--stream=false', ...flags];
      const echo = ['--role=server', '--work=echo', ...settings];
      const children = [new Child(bench.command(server ?? subject, 'peer'), echo, TIMEOUT)];
      try {
        const port = numberOf(await (children[0] as Child).event('listening'), 'port');
        const seed = 100 * percent + turn;
        const target = { address: HOST, port };
        const relay = await openRelay({ target, ...DELAY, loss: percent / 100, lossBurst, seed });
        try {
          const addr = `--addr=${HOST}:${relay.port}`;
          const client = new Child(
            bench.command(subject, 'peer'),
            ['--role=client', '--work=ping', addr, ...settings, ...PING],
            TIMEOUT,
          );
          children.push(client);
          const done = await client.event('done');
          const { up, down } = relay.stats();
          const ms = ['p50', 'p90', 'p99'].map((of) => ({ unit: `ms, ${of}`, value: numberOf(done, of) }));
          const messages = numberOf(done, 'count');
          return [
            ...ms,
            { unit: '% unanswered', value: (100 * numberOf(done, 'lost')) / messages },
            { unit: 'B/message', value: (up.bytes + down.bytes) / messages },
            { unit: 'datagrams/message', value: (up.datagrams + down.datagrams) / messages },
          ];
        } finally {
          relay.close();
        }
      } finally {
        await Promise.all(children.map((child) => child.stop()));
      }
    },
  };
}

const LOSSY = [10, 20, 30];
/** Nothing but ARQ, and acknowledgments at once: what the end of the C core does. */
const PLAIN: Omit<Latency, 'percent'> = {
  name: 'latency-plain',
  subjects: ['rxkcp', 'node-kcp'],
  flags: ['--acknodelay=true', '--bundle=false'],
};

export const latencies: readonly Work[] = [
  ...[1, ...LOSSY].map((percent) => latency({ percent })),
  latency({ name: 'latency-burst', percent: 20, lossBurst: 3 }),
  ...LOSSY.map((percent) => latency({ ...PLAIN, percent })),
  // Against kcp-go's server: what this end does by itself.
  ...LOSSY.map((percent) => latency({ name: 'latency-to-kcp-go', percent, subjects: WITH_KCP_GO, server: 'kcp-go' })),
  ...[1, ...LOSSY].map((percent) =>
    latency({ name: 'latency-fec', percent, subjects: WITH_KCP_GO, flags: ['--fec=10/3'] }),
  ),
];
