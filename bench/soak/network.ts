// The bad networks between clients and servers: relays whose impairments change, and which go dark.

import { setTimeout as sleep } from 'node:timers/promises';
import { openRelay, type Relay } from '../../examples/relay.ts';

/** ms after which a relay forgets a client that has left, as a router would. */
const FORGET = 60_000;

interface Path {
  readonly relay: Relay;
  /** Loss, when it is not dark. */
  loss: number;
  dark: boolean;
}

export class Network {
  readonly #random: () => number;
  readonly #paths: Path[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A relay to a port of this machine. @returns its own port. */
  async lead(port: number): Promise<number> {
    const seed = Math.floor(this.#random() * 2 ** 31);
    const relay = await openRelay({ target: { address: '127.0.0.1', port }, seed }, FORGET);
    this.#paths.push({ relay, loss: 0, dark: false });
    return relay.port;
  }

  /** Other impairments everywhere: from none to 10% lost, and up to 40 ms per direction with up to a quarter of jitter. */
  change(): void {
    for (const path of this.#paths) {
      const badness = this.#random();
      const upTo = (most: number): number => this.#random() * most * badness;
      const delay = upTo(40);
      path.loss = upTo(0.1);
      path.relay.change({ delay, jitter: delay * upTo(0.25), reorder: upTo(0.05), duplicate: upTo(0.05) });
      if (!path.dark) path.relay.change({ loss: path.loss });
    }
  }

  /** Nothing gets through for `ms`: everywhere, or on the paths of `ports`. */
  async blackout(ms: number, ports?: readonly number[]): Promise<void> {
    const paths = this.#paths.filter(({ relay }) => ports?.includes(relay.port) ?? true);
    for (const path of paths) {
      path.dark = true;
      path.relay.change({ loss: 1 });
    }
    await sleep(ms);
    for (const path of paths) {
      path.dark = false;
      path.relay.change({ loss: path.loss });
    }
  }

  /** Datagrams both ways, on all paths. */
  stats(): { datagrams: number; bytes: number; lost: number; duplicated: number; reordered: number } {
    const total = { datagrams: 0, bytes: 0, lost: 0, duplicated: 0, reordered: 0 };
    for (const { relay } of this.#paths) {
      for (const direction of Object.values(relay.stats())) {
        for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += direction[name];
      }
    }
    return total;
  }

  close(): void {
    for (const { relay } of this.#paths) relay.close();
  }
}
