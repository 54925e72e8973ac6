// Many sessions on one server, whose clients are made by hand (endpoints/crowd.ts), in several programs.

import { nodeCommand } from '../bench.ts';
import { Child } from '../child.ts';

/** Sockets in one program: some systems allow a process no more than 4096 files. */
const SESSIONS_PER_PROGRAM = 2500;

/**
 * Opens sessions on the server at `port`; each has one byte echoed and is silent then.
 * @param children gets the programs, also when this fails.
 * @param flags of a crowd, without those for its part of the sessions.
 */
export async function openCrowd(
  port: number,
  sessions: number,
  { children, timeout, flags = [] }: { children: Child[]; timeout: number; flags?: readonly string[] },
): Promise<readonly Child[]> {
  const programs = Math.ceil(sessions / SESSIONS_PER_PROGRAM);
  const crowd: Child[] = [];
  for (let part = 0; part < programs; part++) {
    const share = Math.floor((sessions * (part + 1)) / programs) - Math.floor((sessions * part) / programs);
    const own = [`--port=${port}`, `--sessions=${share}`, `--part=${part}/${programs}`];
    const one = new Child(nodeCommand('crowd'), [...own, ...flags], timeout);
    children.push(one);
    crowd.push(one);
    await one.event('open');
  }
  return crowd;
}
