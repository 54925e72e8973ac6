// How soon data flows again after an outage, and what is sent needlessly meanwhile: by this library, and by kcp-go's control block.

import { MODES, type ModeName } from 'rxkcp';
import { pair } from 'rxkcp/testing';
import { GoPair } from './go-pair.ts';

/** ms, virtual, at which the outage begins. */
const AT = 2000;
/** What the application sends, in stream mode, and the ms between. */
const BYTES = 2000;
const GAP = 50;
/** ms for which it goes on after the outage. */
const AFTER = 3000;

export interface Recovery {
  /** ms from the end of the outage until data arrives; undefined: none did. */
  readonly first: number | undefined;
  /** Datagrams sent during the outage. */
  readonly inVain: number;
}

export function recoveryHere(mode: ModeName, rtt: number, outage: number): Recovery {
  const network = { delay: rtt / 2, blackouts: [{ at: AT, duration: outage }] };
  const { left, right, run } = pair({ seed: 3, keep: 0, network, options: { mode, stream: true } });
  const back = AT + outage;
  let first: number | undefined;
  right.delivered$.subscribe(({ at }) => {
    if (at > back) first ??= at - back;
  });
  let before = 0;
  let inVain = 0;
  for (let now = 0; now < back + AFTER; now += GAP) {
    if (now === AT) before = left.session.stats().packetsSent;
    if (now === back) inVain = left.session.stats().packetsSent - before;
    left.send(new Uint8Array(BYTES));
    run(now + GAP);
  }
  return { first, inVain };
}

/** The same by kcp-go's rules of sessions: a write flushes, unless the send window is full. */
export async function recoveryOfKcpGo(mode: ModeName, rtt: number, outage: number): Promise<Recovery> {
  const go = await GoPair.open(MODES[mode], rtt / 2, AT, outage);
  const back = AT + outage;
  let first: number | undefined;
  try {
    for (let now = 0; now < back + AFTER && first === undefined; now++) {
      if (now % GAP === 0) await go.write(now, BYTES);
      const received = await go.turn(now);
      if (received > 0 && now > back) first = now - back;
    }
    return { first, inVain: go.inVain };
  } finally {
    go.close();
  }
}
