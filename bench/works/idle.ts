// Many sessions on one server that each sent one byte, got it back, and are silent: what they cost.

import { setTimeout as sleep } from 'node:timers/promises';
import { Child, numberOf } from '../child.ts';
import type { Work } from '../work.ts';
import { openCrowd } from './crowd.ts';
import { memoryOf } from './memory.ts';
import { BENCHMARK_SETTINGS } from './settings.ts';

/** ms of silence before the clock starts, in which the last echoes are acknowledged. */
const SETTLE = 5_000;

export const idle: Work = {
  name: 'idle',
  subjects: ['rxkcp', 'kcp-go'],
  runsMax: 1,
  async run(subject, bench) {
    const timeout = 120_000 + SETTLE + bench.seconds * 1000;
    const args = ['--role=server', '--work=echo', '--idle-report', ...BENCHMARK_SETTINGS, '--timeout=0'];
    const children = [new Child(bench.command(subject, 'peer', ['--expose-gc']), args, timeout)];
    const [server] = children as [Child];
    try {
      const port = numberOf(await server.event('listening'), 'port');
      const before = await server.ask('report');
      await openCrowd(port, bench.sessions, { children, timeout });
      await sleep(SETTLE);
      const cpu = await server.ask('cpu');
      const began = performance.now();
      await sleep(bench.seconds * 1000);
      const seconds = (performance.now() - began) / 1000;
      const cpuAfter = await server.ask('cpu');
      const after = await server.ask('report');
      if (numberOf(after, 'sessions') !== bench.sessions) throw new Error(`the server has ${after.sessions} sessions`);
      const spent = numberOf(cpuAfter, 'cpuSeconds') - numberOf(cpu, 'cpuSeconds');
      return [{ unit: '% of a core', value: (100 * spent) / seconds }, ...memoryOf(before, after, bench.sessions)];
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  },
};
