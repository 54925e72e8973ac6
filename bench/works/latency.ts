// Small messages at a steady pace through a bad network: how long each takes there and back.

import { openRelay } from '../../examples/relay.ts';
import { Child, numberOf } from '../child.ts';
import type { Subject, Work } from '../work.ts';
import { BENCHMARK_SETTINGS } from './settings.ts';

const HOST = '127.0.0.1';
/** Conversations at a time, whose figures count together: nobody is busy with them. */
const CONVERSATIONS = 4;
/** ms for one program, start, end and patience with the last answers included. */
const TIMEOUT = 60_000;
/** Each way, in ms. The relay runs here, where nothing else happens meanwhile. */
const DELAY = { delay: 25, jitter: 5 };
const PING = ['--interval-ms=20', '--message=64', '--duration=30s', `--sessions=${CONVERSATIONS}`];

/** @param percent lost each way. */
function latency(percent: number, fec: boolean): Work {
  const subjects: readonly Subject[] = fec ? ['rxkcp', 'kcp-go'] : ['rxkcp', 'kcp-go', 'node-kcp', 'udx-native'];
  return {
    name: fec ? `latency-fec-${percent}` : `latency-${percent}`,
    subjects,
    runs: 3,
    async run(subject, bench, turn) {
      const command = bench.command(subject, 'peer');
      const flags = [...BENCHMARK_SETTINGS, '--stream=false', ...(fec ? ['--fec=10/3'] : [])];
      const server = new Child(command, ['--role=server', '--work=echo', ...flags], TIMEOUT);
      const children = [server];
      try {
        const port = numberOf(await server.event('listening'), 'port');
        const seed = 100 * percent + turn;
        const relay = await openRelay({ target: { address: HOST, port }, ...DELAY, loss: percent / 100, seed });
        try {
          const addr = `--addr=${HOST}:${relay.port}`;
          const client = new Child(command, ['--role=client', '--work=ping', addr, ...flags, ...PING], TIMEOUT);
          children.push(client);
          const done = await client.event('done');
          const { up, down } = relay.stats();
          const ms = ['p50', 'p90', 'p99'].map((of) => ({ unit: `ms, ${of}`, value: numberOf(done, of) }));
          const messages = numberOf(done, 'count');
          return [
            ...ms,
            { unit: '% unanswered', value: (100 * numberOf(done, 'lost')) / messages },
            { unit: 'B/message', value: (up.bytes + down.bytes) / messages },
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

export const latencies: readonly Work[] = [false, true].flatMap((fec) =>
  [1, 10, 20, 30].map((percent) => latency(percent, fec)),
);
