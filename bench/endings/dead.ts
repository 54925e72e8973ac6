// How long a session that sends outlives its peer.

import type { ModeName } from 'rxkcp';
import { pair } from 'rxkcp/testing';

/** ms, virtual, after which the network loses everything. */
const AT = 3000;
/** ms between messages. */
const GAP = 50;
const FOREVER = 3_000_000;
const GIVEN_UP = 300_000;

/** Seconds from then until the session fails. @param deadLink 0: by `deadAfter`, its default. */
export function secondsUntilDead(mode: ModeName, rtt: number, deadLink: number): number {
  const { left, right, run, scheduler } = pair({
    seed: 5,
    keep: 0,
    network: { delay: rtt / 2, blackouts: [{ at: AT, duration: FOREVER }] },
    options: { mode, deadLink, ...(deadLink > 0 ? { deadAfter: 0 } : {}) },
  });
  right.delivered$.subscribe(({ message }) => right.send(message));
  let endedAt = 0;
  left.session.closed$.subscribe(() => {
    endedAt = scheduler.now();
  });
  for (let now = 0; endedAt === 0 && now < GIVEN_UP; now += GAP) {
    left.send(new Uint8Array(GAP));
    // A session that has failed leaves the other one waiting.
    run(now + GAP);
  }
  return (endedAt - AT) / 1000;
}
