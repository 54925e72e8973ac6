// The work of a client, by its name.

import { connectOften } from './connecting.ts';
import { fail } from './events.ts';
import { flags } from './flags.ts';
import type { Dial } from './line.ts';
import { ping } from './ping.ts';
import { ask } from './rounds.ts';

export function runClient(dial: Dial): void {
  const work = { ping, connect: connectOften, echo: ask, source: ask }[flags.work ?? ''];
  if (work === undefined) throw new Error(`there is no work ${flags.work} for a client`);
  work(dial).catch(fail);
}
