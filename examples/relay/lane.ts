// One direction of one client: decides the fate of each datagram that comes along.

import { seededRandom } from './random.ts';

/** What a lane does to its datagrams; shares are 0 … 1, times are in ms. */
export interface Impairments {
  /** Share lost. */
  readonly loss: number;
  /** How many are lost in a row, on average: a Gilbert channel, whose states last that long. 0: each by itself. */
  readonly lossBurst: number;
  /** From arrival to departure. */
  readonly delay: number;
  /** The delay varies by up to as much, evenly, both ways. Never changes the order. */
  readonly jitter: number;
  /** Share held back so that later ones overtake. */
  readonly reorder: number;
  /** Share sent twice. */
  readonly duplicate: number;
}

/** What came along in one direction, and what became of it. */
export interface Direction {
  /** Datagrams, and their bytes, that reached the relay. */
  readonly datagrams: number;
  readonly bytes: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
}

export type DirectionCounts = { -readonly [field in keyof Direction]: Direction[field] };

/** What happens to one datagram: it leaves `copies` times, at `at`. */
export interface Fate {
  readonly copies: 0 | 1 | 2;
  readonly at: number;
}

/** How much longer than the slowest of its followers a datagram is held back, at least: ms. */
const OVERTAKING_TIME = 10;

export class Lane {
  readonly #random: () => number;
  /** No datagram leaves before the one in front of it. */
  #lastAt = 0;
  /** Whether the last one was lost. */
  #isLosing = false;

  /** @param seeds which lane of which relay: another lane, other numbers. */
  constructor(...seeds: [seed: number, client: number, direction: number]) {
    this.#random = seededRandom(...seeds);
  }

  /** The fate of the next datagram, which has arrived at `now`; counts it. */
  fateOf(bytes: number, now: number, impairments: Impairments, counts: DirectionCounts): Fate {
    // Four draws for each datagram, needed or not: the k-th meets the same fate whatever became of those before it.
    const random = this.#random;
    const lost = random() < this.#lossRate(impairments);
    this.#isLosing = lost;
    const duplicated = random() < impairments.duplicate;
    const reordered = random() < impairments.reorder;
    const jitter = impairments.jitter * (2 * random() - 1);

    counts.datagrams++;
    counts.bytes += bytes;
    if (lost) {
      counts.lost++;
      return { copies: 0, at: now };
    }
    const copies = duplicated ? 2 : 1;
    if (duplicated) counts.duplicated++;
    if (reordered) {
      counts.reordered++;
      return { copies, at: now + impairments.delay + 2 * impairments.jitter + OVERTAKING_TIME };
    }
    this.#lastAt = Math.max(this.#lastAt, now + Math.max(impairments.delay + jitter, 0));
    return { copies, at: this.#lastAt };
  }

  /** How likely the next datagram is lost, after what became of the last one. */
  #lossRate({ loss, lossBurst }: Impairments): number {
    if (lossBurst === 0) return loss;
    const leave = 1 / lossBurst;
    return this.#isLosing ? 1 - leave : (leave * loss) / (1 - loss);
  }
}
