// What a thread holds, and what its process does.

import { readdirSync } from 'node:fs';
import { snmp } from 'rxkcp';
import type { Sample } from '../words.ts';

/** What each thread knows for itself alone. */
export interface Vitals {
  readonly heap: number;
  readonly committed: number;
  readonly external: number;
  readonly sessions: number;
}

export function vitals(): Vitals {
  const { heapUsed, heapTotal, external } = process.memoryUsage();
  return { heap: heapUsed, committed: heapTotal, external, sessions: snmp().CurrEstab };
}

/** @param others of the process's other threads. */
export function sampleOf(others: Iterable<Vitals>, collected: boolean): Sample {
  let { heap, committed, external, sessions } = vitals();
  for (const other of others) {
    heap += other.heap;
    committed += other.committed;
    external += other.external;
    sessions += other.sessions;
  }
  const { user, system } = process.cpuUsage();
  const { rss } = process.memoryUsage();
  return { rss, heap, committed, external, sessions, handles: handles(), cpuSeconds: (user + system) / 1e6, collected };
}

/** Collects garbage when it is time to: before the first of every so many samples. */
export function collector(every: number): () => boolean {
  let samples = 0;
  return () => {
    const isTime = samples++ % every === 0;
    if (isTime) globalThis.gc?.();
    return isTime;
  };
}

function handles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return process.getActiveResourcesInfo().length;
  }
}
