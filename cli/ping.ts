// `rxkcp ping`: round trips and losses, by what every KCP peer does: it acknowledges each segment, and says which.

import type { Session, SessionOptions } from 'rxkcp';
import { dial } from './kcp-flags.ts';

export interface PingOptions {
  readonly count: number;
  /** ms between pings. */
  readonly interval: number;
  /** Bytes of each. */
  readonly size: number;
  readonly json: boolean;
}

interface PingResult {
  readonly sent: number;
  readonly acknowledged: number;
  /** Segments that had to be sent again. */
  readonly sentAgain: number;
  /** ms. */
  readonly min: number;
  readonly avg: number;
  readonly max: number;
}

/**
 * Sends messages at a pace, and times each until its ack. (A peer that has no `ackNoDelay` lets acks wait for its next flush.) Returns
 * whether any was answered.
 */
export async function runPing(address: string, options: SessionOptions, ping: PingOptions): Promise<boolean> {
  const session = await dial(address, { ...options, stream: false, deadAfter: 0 });
  const times: number[] = [];
  let sent = 0;
  const say = (line: string): void => {
    if (!ping.json) console.log(line);
  };
  const stop = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    session.closed$.subscribe(({ error }) => {
      if (error !== undefined) console.error(error instanceof Error ? error.message : error);
      resolve();
    });
  });
  /** The pings that are not acknowledged, by the number of the last segment that each has. */
  const waiting = new Map<number, { readonly number: number; readonly begun: number }>();
  /** Segments of all pings so far: more than one each, if the MTU is small. */
  let segments = 0;
  const send = (): void => {
    const begun = performance.now();
    const before = unacknowledged(session);
    session.next(new Uint8Array(ping.size));
    segments += unacknowledged(session) - before;
    waiting.set(segments - 1, { number: ++sent, begun });
  };
  const acknowledged = (sn: number): void => {
    const { number, begun } = waiting.get(sn)!;
    const time = performance.now() - begun;
    waiting.delete(sn);
    times.push(time);
    say(`${ping.size} bytes to ${address}: seq=${number} time=${time.toFixed(2)} ms`);
  };
  // An ack may be lost, and what comes later tell of its segment all the same.
  session.trace$('in-ack', 'in-push').subscribe((event) => {
    for (const sn of [...waiting.keys()])
      if (sn < event.una || (event.kind === 'in-ack' && sn === event.sn)) acknowledged(sn);
  });
  const work = (async () => {
    while (sent < ping.count && !session.closed) {
      send();
      if (sent < ping.count) await pause(ping.interval);
    }
    // The last ones have as long as a ping of the system has.
    for (let waited = 0; times.length < sent && waited < 5000 && !session.closed; waited += 20) await pause(20);
  })();
  await Promise.race([stop, work]);
  const { retransmissions } = session.stats();
  session.close();
  const result: PingResult = {
    sent,
    acknowledged: times.length,
    sentAgain: retransmissions.fast + retransmissions.early + retransmissions.timeout,
    min: rounded(Math.min(...times)),
    avg: rounded(times.reduce((sum, time) => sum + time, 0) / times.length),
    max: rounded(Math.max(...times)),
  };
  if (ping.json) {
    console.log(JSON.stringify(result));
  } else {
    const again = sent > 0 ? ((100 * result.sentAgain) / (sent + result.sentAgain)).toFixed(1) : '0';
    say(`${sent} sent, ${times.length} acknowledged, ${result.sentAgain} sent again (${again} % of all segments)`);
    if (times.length > 0) say(`round trip min/avg/max = ${result.min}/${result.avg}/${result.max} ms`);
  }
  return times.length > 0;
}

/** Segments of what was sent, or waits to be. */
function unacknowledged(session: Session): number {
  const { inFlight, queued } = session.stats();
  return inFlight + queued;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function rounded(time: number): number {
  return Number.isFinite(time) ? Number(time.toFixed(3)) : 0;
}
