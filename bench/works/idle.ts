// Many sessions on one server that each sent one byte, got it back, and are silent: what they cost.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, nodeCommand } from '../bench.ts';
import { Child, type ChildEvent, numberOf } from '../child.ts';
import type { Sample, Work } from '../work.ts';
import { BENCHMARK_SETTINGS } from './settings.ts';

/** Sockets in one opener: some systems allow a process no more than 4096 files. */
const SESSIONS_PER_OPENER = 2500;
/** ms of silence before the first reading. */
const SETTLE = 2000;

export const idle: Work = {
  name: 'idle',
  subjects: ['rxkcp', 'kcp-go'],
  runsMax: 1,
  async run(subject, bench) {
    const timeout = 120_000 + bench.seconds * 1000;
    const args = ['--role=server', '--work=echo', '--idle-report', ...BENCHMARK_SETTINGS, '--timeout=0'];
    const children = [new Child(bench.command(subject, 'peer', ['--expose-gc']), args, timeout)];
    const [server] = children as [Child];
    try {
      const port = numberOf(await server.event('listening'), 'port');
      const before = await report(server);
      for (let left = bench.sessions; left > 0; left -= SESSIONS_PER_OPENER) {
        const sessions = Math.min(left, SESSIONS_PER_OPENER);
        const opener = new Child(nodeCommand('opener'), [`--port=${port}`, `--sessions=${sessions}`], timeout);
        children.push(opener);
        await opener.event('done');
      }
      await sleep(SETTLE);
      const opened = await report(server);
      if (numberOf(opened, 'sessions') !== bench.sessions)
        throw new Error(`the server has ${opened.sessions} sessions`);
      const began = performance.now();
      await sleep(bench.seconds * 1000);
      const seconds = (performance.now() - began) / 1000;
      return samples(bench, before, opened, await report(server), seconds);
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  },
};

async function report(server: Child): Promise<ChildEvent> {
  server.tell('report');
  return server.event('report');
}

function samples(bench: Bench, before: ChildEvent, opened: ChildEvent, after: ChildEvent, seconds: number): Sample[] {
  const cpu = numberOf(after, 'cpuSeconds') - numberOf(opened, 'cpuSeconds') - numberOf(opened, 'reportCpuSeconds');
  const perSession = (member: string): number =>
    ((numberOf(opened, member) - numberOf(before, member)) * 1024) / bench.sessions;
  const figures = [
    { unit: '% of a core', value: (100 * cpu) / seconds },
    { unit: 'B RSS/session', value: perSession('rssKiB') },
  ];
  // Only a process with a JavaScript heap tells.
  if ('heapKiB' in opened) figures.push({ unit: 'B heap/session', value: perSession('heapKiB') });
  return figures;
}
