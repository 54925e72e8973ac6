// Many sources in one process, a socket each: they send to a sink all at the same time. After warming up they wait for a line on
// standard input; the clock runs from there until the last of them knows that the sink has everything.

import { connect, type Session } from 'rxkcp';
import { fleetFlags, sessionOptions } from './support/fleet.ts';
import { startWatch } from './support/usage.ts';

const { sessions, port, bytes, warmup, write } = fleetFlags;

process.stdin.on('end', () => process.exit());
const opened = await Promise.all(Array.from({ length: sessions }, open));
await Promise.all(opened.map((source) => source(warmup)));
say('ready', {});
await new Promise((resolve) => process.stdin.once('data', resolve));
const watch = startWatch();
await Promise.all(opened.map((source) => source(bytes)));
say('done', watch());

/** Emits what sends so many bytes, and resolves when the sink says that it has them. */
function open(): Promise<(bytes: number) => Promise<void>> {
  return new Promise((resolve) => {
    connect({ ...sessionOptions, port }).subscribe((session) => {
      let answered = (): void => {};
      session.subscribe(() => answered());
      resolve(async (total) => {
        const done = new Promise<void>((settle) => {
          answered = settle;
        });
        await send(session, total);
        await done;
      });
    });
  });
}

async function send(session: Session, total: number): Promise<void> {
  const chunk = new Uint8Array(write);
  for (let left = total; left > 0; left -= write) await session.send(left < write ? chunk.subarray(0, left) : chunk);
}

function say(event: string, members: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...members })}\n`);
}
