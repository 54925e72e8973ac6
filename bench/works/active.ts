// Many sessions on one server that each have 64 bytes echoed once a second: what they cost, and how long it takes.

import { setTimeout as sleep } from 'node:timers/promises';
import { Child, type ChildEvent, numberOf } from '../child.ts';
import { share } from '../share.ts';
import type { Work } from '../work.ts';
import { openCrowd } from './crowd.ts';
import { memoryOf } from './memory.ts';
import { BENCHMARK_SETTINGS } from './settings.ts';

/** s that count, and before them. */
const SECONDS = 10;
const SETTLE = 3;
/** ms for one program, opening and waiting for the last answers included. */
const TIMEOUT = 120_000;
/** ms until all programs of the crowd know when to begin. */
const NOTICE = 500;

function active(sessions: number): Work {
  return {
    name: `active-${sessions}`,
    subjects: ['rxkcp', 'rxkcp-dgram', 'kcp-go'],
    runs: 3,
    async run(subject, bench) {
      const args = ['--role=server', '--work=echo', '--idle-report', ...BENCHMARK_SETTINGS, '--stream=false'];
      const server = new Child(bench.command(subject, 'peer', ['--expose-gc']), [...args, '--timeout=0'], TIMEOUT);
      const children = [server];
      try {
        const port = numberOf(await server.event('listening'), 'port');
        const before = await server.ask('report');
        const flags = [`--rounds=${SETTLE + SECONDS}`, `--settle=${SETTLE}`];
        const crowd = await openCrowd(port, sessions, { children, timeout: TIMEOUT, flags });
        const begin = Date.now() + NOTICE;
        for (const one of crowd) one.tell(`begin ${begin}`);
        await sleep(NOTICE + SETTLE * 1000);
        const cpu = await server.ask('cpu');
        const began = performance.now();
        await sleep(SECONDS * 1000);
        const seconds = (performance.now() - began) / 1000;
        const spent = numberOf(await server.ask('cpu'), 'cpuSeconds') - numberOf(cpu, 'cpuSeconds');
        const done = await Promise.all(crowd.map((one) => one.event('done')));
        const after = await server.ask('report');
        const times = done.flatMap((event) => event.times as number[]).sort((a, b) => a - b);
        return [
          { unit: '% of a core', value: (100 * spent) / seconds },
          ...memoryOf(before, after, sessions),
          { unit: 'ms, p50', value: share(times, 0.5) },
          { unit: 'ms, p99', value: share(times, 0.99) },
          { unit: '% unanswered', value: (100 * sum(done, 'unanswered')) / times.length },
          { unit: '% of a core, clients', value: 100 * sum(done, 'cpu') },
          { unit: 'ms, p99, clients late', value: Math.max(...done.map((event) => numberOf(event, 'latest'))) },
        ];
      } finally {
        await Promise.all(children.map((child) => child.stop()));
      }
    },
  };
}

function sum(events: readonly ChildEvent[], member: string): number {
  return events.reduce((total, event) => total + numberOf(event, member), 0);
}

export const actives: readonly Work[] = [1000, 5000, 10_000].map(active);
