// What a server's sessions hold, from its reports.

import { type ChildEvent, numberOf } from '../child.ts';
import type { Sample } from '../work.ts';

export function memoryOf(before: ChildEvent, after: ChildEvent, sessions: number): Sample[] {
  const perSession = (member: string): number =>
    ((numberOf(after, member) - numberOf(before, member)) * 1024) / sessions;
  const figures = [{ unit: 'B RSS/session', value: perSession('rssKiB') }];
  // Only a process with a JavaScript heap tells.
  if ('heapKiB' in after) figures.push({ unit: 'B heap/session', value: perSession('heapKiB') });
  return figures;
}
