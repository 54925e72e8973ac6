// kcp-go's BenchmarkFlush (kcp_test.go): what it costs to find nothing to do among 1024 segments in flight.

import { Child, numberOf } from '../child.ts';
import type { Work } from '../work.ts';

export const flush: Work = {
  name: 'flush',
  subjects: ['rxkcp', 'kcp-go'],
  async run(subject, bench) {
    const child = new Child(bench.command(subject, 'flush'), ['--segments=1024', '--seconds=1'], 20_000);
    try {
      return [{ unit: 'ns', value: numberOf(await child.event('done'), 'nsPerFlush') }];
    } finally {
      await child.stop();
    }
  },
};
