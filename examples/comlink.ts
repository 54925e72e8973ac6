// Remote objects by Comlink, across a bad network: npm run example examples/comlink.ts

import { expose, type Remote, wrap } from 'comlink';
import type { Observable } from 'rxjs';
import type { Session } from 'rxkcp';
import { toMessagePort } from 'rxkcp/adapters';
import { acrossBadNetwork } from './support/bad-network.ts';
import { runAsProgram } from './support/program.ts';
import { said } from './support/said.ts';

/** The object that the server exposes. */
class Counter {
  #count = 0;

  add(step: number): number {
    if (!Number.isInteger(step)) throw new RangeError(`step must be an integer, got ${step}`);
    this.#count += step;
    return this.#count;
  }
}

/** Exposes one counter per session, until the session ends. */
export function serveCounter(session: Session): Observable<unknown> {
  expose(new Counter(), toMessagePort(session));
  return session.closed$;
}

/** Calls a counter. */
export async function count(remote: Remote<Counter>, say: (line: string) => void): Promise<void> {
  say(`counted to ${await remote.add(1)}`);
  // Calls may be in flight at the same time. A session delivers in order, so the counter sees them in this order.
  const sums = await Promise.all([1, 2, 3].map((step) => remote.add(step)));
  say(`then to ${sums.join(', ')}`);
  await Promise.resolve(remote.add(0.5)).catch((error: Error) => say(`refused: ${error.message}`));
}

export function counting(): Observable<string> {
  return acrossBadNetwork({ mode: 'fast3' }, serveCounter, (session) =>
    said((say) => count(wrap<Counter>(toMessagePort(session)), say)),
  );
}

runAsProgram(import.meta.url, counting());
