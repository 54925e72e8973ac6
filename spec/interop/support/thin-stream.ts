// A thin stream on a virtual clock: small messages at a steady pace to an echo, over a network that loses, and how long each takes there
// and back.

import type { Endpoint } from '../../support/endpoint.ts';
import { seeded } from '../../support/random.ts';

/** What the messages of one run, or of several, took. */
export interface ThinStream {
  /** ms there and back. */
  readonly p50: number;
  readonly p99: number;
  /** Bytes on the wire, both ways, for each message. */
  readonly bytes: number;
  readonly datagrams: number;
}

/** ms between messages, and bytes of one. */
const PACE = 20;
const BYTES = 64;
/** ms each way, and how much more or less it may be. */
const DELAY = 25;
const JITTER = 5;
const MESSAGES = 4000;
/** ms for the last answers. */
const PATIENCE = 3000;

/** One run. The phases of the ends' flushes, of the pace and of what is lost follow from `seed`. */
export function thinStream(client: Endpoint, server: Endpoint, loss: number, seed: number): ThinStream {
  const random = seeded(seed);
  const ends = [client, server] as const;
  const wakesFrom = [0, (3 * seed) % 10];
  const phase = (7 * seed) % PACE;
  const inFlight: { readonly at: number; readonly to: 0 | 1; readonly packet: Uint8Array }[] = [];
  const sentAt: number[] = [];
  const took: number[] = [];
  let datagrams = 0;
  let bytes = 0;

  function collect(from: 0 | 1, now: number): void {
    for (const packet of ends[from].takeBurst()) {
      datagrams++;
      bytes += packet.length;
      if (random() < loss) continue;
      const at = Math.round(now + DELAY + (2 * random() - 1) * JITTER);
      inFlight.push({ at, to: from === 0 ? 1 : 0, packet: packet.slice() });
    }
  }

  function read(end: 0 | 1, now: number): void {
    for (let message = ends[end].read(now); message; message = ends[end].read(now)) {
      if (end === 1) server.write(message, now);
      else took.push(now - (sentAt[took.length] as number));
    }
  }

  for (let now = 0; now < MESSAGES * PACE + PATIENCE; now++) {
    if (sentAt.length < MESSAGES && now % PACE === phase) {
      sentAt.push(now);
      client.write(new Uint8Array(BYTES), now);
      collect(0, now);
    }
    for (let i = 0; i < inFlight.length; ) {
      const { at, to, packet } = inFlight[i] as (typeof inFlight)[number];
      if (at > now) {
        i++;
        continue;
      }
      inFlight.splice(i, 1);
      ends[to].input(packet, now);
      read(to, now);
      collect(to, now);
    }
    for (const end of [0, 1] as const) {
      const wait = ends[end].nextWake(now);
      if (wait === undefined || wait > 0 || now < (wakesFrom[end] as number)) continue;
      ends[end].wake(now);
      read(end, now);
      collect(end, now);
    }
  }
  took.sort((a, b) => a - b);
  const quantile = (share: number): number => took[Math.floor(share * took.length)] as number;
  return { p50: quantile(0.5), p99: quantile(0.99), bytes: bytes / MESSAGES, datagrams: datagrams / MESSAGES };
}

/** The averages of one run for each seed from 1 to `count`. */
export function thinStreams(count: number, run: (seed: number) => ThinStream): ThinStream {
  const runs = Array.from({ length: count }, (_, i) => run(i + 1));
  const average = (of: keyof ThinStream): number => runs.reduce((sum, one) => sum + one[of], 0) / count;
  return { p50: average('p50'), p99: average('p99'), bytes: average('bytes'), datagrams: average('datagrams') };
}
