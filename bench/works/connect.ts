// From the call to the first byte that an echo server sends back, over loopback.

import { Child, numberOf } from '../child.ts';
import type { Work } from '../work.ts';
import { BENCHMARK_SETTINGS } from './settings.ts';

/** ms for one program, start and end included. */
const TIMEOUT = 60_000;
/** One after the other in one process; the first is told apart. */
const CONNECTS = 101;

export const connecting: Work = {
  name: 'connect',
  subjects: ['rxkcp', 'rxkcp-dgram', 'kcp-go', 'node-kcp', 'udx-native', 'node:net'],
  async run(subject, bench) {
    const command = bench.command(subject, 'peer');
    const server = new Child(command, ['--role=server', '--work=echo', ...BENCHMARK_SETTINGS], TIMEOUT);
    const children = [server];
    try {
      const addr = `--addr=127.0.0.1:${numberOf(await server.event('listening'), 'port')}`;
      const args = ['--role=client', '--work=connect', addr, `--sessions=${CONNECTS}`, ...BENCHMARK_SETTINGS];
      const client = new Child(command, args, TIMEOUT);
      children.push(client);
      const done = await client.event('done');
      return [
        { unit: 'ms, median', value: numberOf(done, 'median') },
        { unit: 'ms, first of a process', value: numberOf(done, 'first') },
      ];
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  },
};
