// An echo server for each profile, each on its own port, in one thread.

import { listen, RxkcpError, type Session } from 'rxkcp';
import { hasFec, optionsOf, type Ports, PROFILES, type Profile } from '../profiles.ts';
import type { ServerSettings } from '../words.ts';

/** Errors of sessions whose clients have left, or were cut off. */
const EXPECTED = ['ERR_IDLE_TIMEOUT', 'ERR_DEAD_LINK'];
/** Messages until the one that sabotage loses. */
const LOSE_AFTER = 20;
/** What a sabotaged server keeps of each message, bytes. */
const LEAK = 200_000;

/** Who is told how sessions end. */
export interface Listener {
  /** With an error that is to be expected. */
  left(code: string): void;
  wrong(message: string): void;
}

/** @returns where it listens, once it does. */
export async function serve(settings: ServerSettings, { left, wrong }: Listener): Promise<Ports> {
  let untilLoss = settings.sabotaged ? LOSE_AFTER : Number.POSITIVE_INFINITY;
  const kept: Uint8Array[] = [];
  const echo = (profile: Profile, session: Session): void => {
    session.subscribe({
      next: (message) => {
        if (settings.sabotaged) kept.push(new Uint8Array(LEAK).fill(1));
        if (--untilLoss !== 0) session.next(message);
      },
      error: (error) => {
        if (error instanceof RxkcpError && EXPECTED.includes(error.code)) left(error.code);
        else wrong(`a session of ${profile}: ${error}`);
      },
    });
    if (!hasFec(profile)) return;
    session.oob$.subscribe({
      next: (payload) => {
        if (!session.closed) session.sendOob(payload);
      },
    });
  };
  const listening = (profile: Profile): Promise<number> =>
    new Promise((resolve) => {
      listen({
        ...optionsOf(profile, settings.idleTimeout),
        host: '127.0.0.1',
        port: settings.ports?.[profile] ?? 0,
        reusePort: settings.shared,
        onListening: ({ port }) => resolve(port),
      }).subscribe({
        next: (session) => echo(profile, session),
        error: (error) => wrong(`the server of ${profile}: ${error}`),
      });
    });
  const ports = await Promise.all(PROFILES.map(async (profile) => [profile, await listening(profile)] as const));
  return Object.fromEntries(ports) as Record<Profile, number>;
}
