// Much data one way through a bad network: how fast, and how much of the network it takes.

import { openRelay, type RelayOptions } from '../../examples/relay.ts';
import { Child, numberOf } from '../child.ts';
import type { Work } from '../work.ts';
import { BENCHMARK_SETTINGS } from './settings.ts';

const HOST = '127.0.0.1';
const BYTES = 64 << 20;
/** ms for one program, start and end included. */
const TIMEOUT = 120_000;
/** Per direction. The relay runs here, where nothing else happens meanwhile, and all subjects meet the same dice. */
const NETWORK = { loss: 0.2, delay: 25, seed: 20 } satisfies Omit<RelayOptions, 'target'>;

export const bulk20: Work = {
  name: 'bulk-20',
  subjects: ['rxkcp', 'kcp-go', 'node-kcp'],
  runs: 3,
  async run(subject, bench) {
    const command = bench.command(subject, 'peer');
    const flags = [...BENCHMARK_SETTINGS, `--bytes=${BYTES}`];
    const sink = new Child(command, ['--role=server', '--work=sink', ...flags], TIMEOUT);
    const children = [sink];
    try {
      const port = numberOf(await sink.event('listening'), 'port');
      const relay = await openRelay({ target: { address: HOST, port }, ...NETWORK });
      try {
        const addr = `--addr=${HOST}:${relay.port}`;
        const source = new Child(command, ['--role=client', '--work=source', addr, ...flags], TIMEOUT);
        children.push(source);
        const [sent] = await Promise.all([source.event('done'), sink.event('done')]);
        const { up, down } = relay.stats();
        return [
          { unit: 'MB/s', value: BYTES / 1e6 / numberOf(sent, 'seconds') },
          { unit: '× wire', value: up.bytes / BYTES },
          { unit: '× wire back', value: down.bytes / BYTES },
        ];
      } finally {
        relay.close();
      }
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  },
};
