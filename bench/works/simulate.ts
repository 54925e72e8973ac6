// How much faster than real time a busy session runs on a virtual clock.

import { Child, numberOf } from '../child.ts';
import type { Work } from '../work.ts';

export const simulate: Work = {
  name: 'simulate',
  subjects: ['rxkcp'],
  async run(subject, bench) {
    const child = new Child(bench.command(subject, 'simulate'), ['--seconds=50'], 60_000);
    try {
      const done = await child.event('done');
      return [
        { unit: 'virtual s/s', value: numberOf(done, 'perSecond') },
        { unit: 'virtual s/cpu-s', value: numberOf(done, 'perCpuSecond') },
      ];
    } finally {
      await child.stop();
    }
  },
};
