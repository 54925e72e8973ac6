// `rxkcp echo` and `rxkcp sink`: servers to try against.

import { listen, type Session, type SessionOptions } from 'rxkcp';
import { portRange } from './address.ts';
import { inWords } from './tunnel/log.ts';
import { showRates } from './tunnel/rates.ts';
import { UsageError } from './usage-error.ts';

/** What to do with a session: send everything back, or read it and drop it. */
export type Work = 'echo' | 'sink';

/** Serves until a signal ends it; prints where it listens. @throws UsageError */
export async function runServer(work: Work, address: string, options: SessionOptions): Promise<void> {
  const { host, first: port } = portRange('the address', address);
  let sessions = 0;
  const begin = (session: Session): void => {
    sessions++;
    session.closed$.subscribe(() => sessions--);
    if (work === 'echo') session.subscribe(session);
    else session.messages$.subscribe({ error: () => {} });
  };
  await new Promise<void>((resolve, reject) => {
    const onListening = (local: { address: string; port: number }): void =>
      console.log(`${work} listens on ${local.address} port ${local.port}`);
    const serving = listen({ ...options, host: host || '0.0.0.0', port, onListening }).subscribe({
      next: begin,
      error: (error) => reject(new UsageError(inWords(error))),
    });
    const stopRates = showRates(() => sessions);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        stopRates();
        serving.unsubscribe();
        resolve();
      });
    }
  });
}
