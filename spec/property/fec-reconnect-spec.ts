// Conversations that follow each other over the same addresses, while datagrams of the ones before are still in flight: with FEC these carry the
// same seqids. Whatever a session delivers was sent in it, in order, once. RXKCP_RECONNECTS sets the number of runs, RXKCP_SEED repeats one.

import type { Subscription } from 'rxjs';
import {
  aesGcm,
  type Burst,
  connect,
  type FecShape,
  type Link,
  listen,
  memoryNetwork,
  memoryPair,
  type Session,
} from 'rxkcp';
import { seededRandom, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { integer, pick, seeded, seeds } from '../support/random.ts';

const RUNS = Number(process.env.RXKCP_RECONNECTS ?? 100);
/** Runs of one test. */
const CHUNK = 50;
const SHAPES: readonly FecShape[] = [
  [1, 1],
  [1, 2],
  [2, 1],
  [2, 2],
  [3, 1],
  [5, 2],
  [7, 1],
  [10, 3],
].map(([data, parity]) => ({ data, parity }) as FecShape);

interface Plan {
  readonly loss: number;
  readonly repeats: number;
  readonly delay: number;
  readonly jitter: number;
  /** Bytes of a message; undefined if each has another length. */
  readonly length: number | undefined;
  /** ms between messages. */
  readonly gap: number;
  /** When a conversation ends, ms after its beginning, and how much later the other end notices. */
  readonly lives: number;
  readonly apart: number;
  readonly conversations: number;
  readonly sealed: boolean;
}

function draw(random: () => number): Plan {
  return {
    loss: pick(random, [0, 0, 0.05, 0.2]),
    repeats: pick(random, [0, 0, 0.1]),
    delay: pick(random, [5, 30, 100]),
    jitter: pick(random, [0, 0, 20, 120]),
    length: pick(random, [undefined, 20, 400, 1300]),
    gap: pick(random, [3, 6, 10, 25]),
    lives: integer(random, 150, 700),
    apart: integer(random, -120, 120),
    conversations: integer(random, 2, 3),
    sealed: random() < 0.25,
  };
}

/** One run: a world of two ends, and what was delivered that should not have been. */
class World {
  readonly clock = new VirtualScheduler();
  readonly wrong: string[] = [];
  delivered = 0;
  recovered = 0;
  readonly #random: () => number;
  readonly #plan: Plan;
  readonly #key = new Uint8Array(32).fill(9);

  constructor(plan: Plan, random: () => number) {
    this.#plan = plan;
    this.#random = random;
  }

  options(seed: number): object {
    const { clock } = this;
    return {
      scheduler: clock,
      mode: 'fast3',
      fec: pick(this.#random, SHAPES),
      random: seededRandom(seed),
      cipher: this.#plan.sealed ? aesGcm(this.#key) : undefined,
    };
  }

  /** Carries datagrams to `deliver`, each in a copy and in its time, whatever becomes of the sessions meanwhile. */
  carry(deliver: (burst: Burst) => void): { next: (burst: Burst) => void } {
    const { loss, repeats, delay, jitter } = this.#plan;
    return {
      next: (burst) => {
        for (const datagram of burst) {
          if (this.#random() < loss) continue;
          for (let copies = this.#random() < repeats ? 2 : 1; copies > 0; copies--) {
            const copy = Uint8Array.from(datagram);
            this.clock.schedule(() => deliver([copy]), delay + Math.floor(this.#random() * jitter));
          }
        }
      },
    };
  }

  /** Sends numbered messages in a session as `from`, and holds what it delivers against what `to` sends in the same one. */
  use(session: Session, from: string, to: string): void {
    let next = 0;
    session.subscribe({
      next: (message) => {
        const wanted = this.#message(session.conv, to, next);
        if (Buffer.compare(wanted, message) !== 0) {
          this.wrong.push(
            `conv ${session.conv} at ${from}: not message ${next}, but ${Buffer.from(message.subarray(0, 12)).toString('hex')}`,
          );
        }
        next++;
        this.delivered++;
      },
      error: () => {},
    });
    session.closed$.subscribe(() => {
      this.recovered += session.snmp().FECRecovered;
    });
    let sent = 0;
    const put = (): void => {
      if (session.closed) return;
      session.next(this.#message(session.conv, from, sent++));
      this.clock.schedule(put, this.#plan.gap);
    };
    put();
  }

  /** A message that differs from all others, although most of its bytes are alike. */
  #message(conv: number, from: string, n: number): Uint8Array {
    const drawn = seeded(conv + 31 * n + from.length);
    const message = new Uint8Array(this.#plan.length ?? 12 + integer(drawn, 0, 900)).fill(Math.floor(drawn() * 256));
    const view = new DataView(message.buffer);
    view.setUint32(0, conv);
    view.setUint32(4, n);
    message[8] = from.length;
    return message;
  }
}

/** Ids of conversations that follow each other: far apart, or alike but for a byte. */
function convs(random: () => number, count: number): number[] {
  const first = integer(random, 1, 0xffff_0000);
  const step = pick(random, [1, 0x100, 0x1_0001, 0x7fff_fffd]);
  return Array.from({ length: count }, (_, i) => (first + i * step) >>> 0);
}

/** Both ends dial over one link each. */
function overOneLink(seed: number): World {
  const random = seeded(seed);
  const plan = draw(random);
  const world = new World(plan, random);
  const [left, right] = memoryPair();
  const links: Record<string, Link> = {
    a: { ...left, outgoing: world.carry((burst) => left.outgoing.next(burst)) },
    bb: { ...right, outgoing: world.carry((burst) => right.outgoing.next(burst)) },
  };
  const dial = (end: string, other: string, shift: number): void => {
    let dialled: Subscription | undefined;
    convs(seeded(seed), plan.conversations).forEach((conv, i) => {
      const redial = (): void => {
        dialled?.unsubscribe();
        dialled = connect({ link: links[end] as Link, conv, ...world.options(seed + i) }).subscribe((session) =>
          world.use(session, end, other),
        );
      };
      world.clock.schedule(redial, i === 0 ? 0 : i * plan.lives + shift);
    });
    world.clock.schedule(() => dialled?.unsubscribe(), (plan.conversations + 1) * plan.lives);
  };
  dial('a', 'bb', 0);
  dial('bb', 'a', plan.apart);
  world.clock.run((plan.conversations + 2) * plan.lives + 2000);
  return world;
}

/** A client dials again and again from one address. */
function toServer(seed: number): World {
  const random = seeded(seed);
  const plan = draw(random);
  const world = new World(plan, random);
  const { hub, link } = memoryNetwork();
  const ways = world.carry.bind(world);
  const serving = listen({
    link: {
      ...hub,
      outgoing: { next: ({ peer, burst }) => ways((one) => hub.outgoing.next({ peer, burst: one })).next(burst) },
    },
    ...world.options(seed),
  }).subscribe((session) => world.use(session, 'a', 'bb'));
  const line = link({ address: '10.0.0.1', port: 5 });
  const client = { ...line, outgoing: ways((burst) => line.outgoing.next(burst)) };
  let dialled: Subscription | undefined;
  convs(seeded(seed), plan.conversations).forEach((conv, i) => {
    world.clock.schedule(() => {
      dialled?.unsubscribe();
      dialled = connect({ link: client, conv, ...world.options(seed + i) }).subscribe((session) =>
        world.use(session, 'bb', 'a'),
      );
    }, i * plan.lives);
  });
  world.clock.run((plan.conversations + 1) * plan.lives + 2000);
  dialled?.unsubscribe();
  serving.unsubscribe();
  return world;
}

describe('whatever a session delivers was sent in it, in order, once, although the one before used the same addresses', () => {
  const chunks = Array.from({ length: Math.ceil(RUNS / CHUNK) }, (_, i) =>
    seeds(RUNS).slice(i * CHUNK, (i + 1) * CHUNK),
  );
  const worlds = [
    ['over one link', overOneLink],
    ['to a server', toServer],
  ] as const;
  describe.each(worlds)('%s', (_, run) => {
    test.each(chunks.filter((chunk) => chunk.length > 0))('seeds from %i', (...chunk) => {
      let recovered = 0;
      for (const seed of chunk) {
        const world = run(seed);
        expect(world.wrong.slice(0, 3), `RXKCP_SEED=${seed}`).toEqual([]);
        expect(world.delivered, `RXKCP_SEED=${seed}`).toBeGreaterThan(0);
        recovered += world.recovered;
      }
      expect(recovered).toBeGreaterThan(0);
    });
  });
});
