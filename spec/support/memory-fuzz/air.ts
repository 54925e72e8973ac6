// A network that takes the contract of links at its word: it keeps what it is given for as long as it may, and takes back what it lends.

import type { SchedulerLike } from 'rxjs';
import type { Burst, PacketMemory } from 'rxkcp';
import { integer } from '../random.ts';
import type { Holding, Plan } from './plan.ts';

/** What is written over memory that has another owner again. */
export const POISON = 0xdb;
const WAITING_MAX = 300;
const HELD_BACK = 15;
/** Datagrams that are kept to the end of a run, about. */
const KEPT_MAX = 3000;

/**
 * One way of a link in memory. What is handed to it, it has by `holding`:
 *
 * - `views`: it sends single datagrams later, some of them twice, out of the memory it was given, and keeps that.
 * - `in order`: it sends later, but in order, as from the queue of a socket (`Link.sendsInOrder`).
 * - `own memory`: it sends at once, and has memory that is written to again at once (`Link.memory`).
 *
 * It compares what it has with what it was given.
 */
export class Air {
  readonly sendsInOrder: boolean;
  readonly memory: (PacketMemory & { bytes: Uint8Array<ArrayBuffer> }) | undefined;
  readonly #network: Plan['network'];
  readonly #holding: Holding;
  readonly #clock: SchedulerLike;
  readonly #random: () => number;
  readonly #fail: (what: string) => void;
  readonly #waiting: { readonly held: Held; readonly arrive: (burst: Burst) => void }[] = [];
  readonly #kept: Held[] = [];
  #planned = false;
  readonly #lent = new Uint8Array(1 << 20);

  constructor(plan: Plan, holding: Holding, clock: SchedulerLike, random: () => number, fail: (what: string) => void) {
    this.#fail = fail;
    this.#network = plan.network;
    this.#holding = holding;
    this.#clock = clock;
    this.#random = random;
    this.sendsInOrder = holding !== 'views';
    this.memory = holding === 'own memory' ? new OneBurst() : undefined;
  }

  /** @param arrive called with what arrives. */
  send(burst: Burst, arrive: (burst: Burst) => void): void {
    if (this.#holding === 'views') {
      const all = burst.map((datagram) => new Held(datagram));
      if (this.#kept.length < KEPT_MAX) this.#kept.push(...all);
      for (const held of all) this.#carry(held, arrive);
    } else if (this.#holding === 'in order') {
      for (const datagram of burst.slice(0, WAITING_MAX - this.#waiting.length)) {
        this.#waiting.push({ held: new Held(datagram), arrive });
      }
      this.#plan();
    } else {
      const copies = burst.map((datagram) => new Held(new Uint8Array(datagram)));
      this.memory?.bytes.fill(POISON);
      if (this.memory !== undefined) this.memory.offset = 0;
      for (const held of copies) this.#carry(held, arrive);
    }
  }

  /** Compares what it still has with what it was given. */
  stop(): void {
    for (const held of this.#kept) this.#check(held);
  }

  /** Calls `take` with a burst that is lent to it. */
  lend(burst: Burst, take: (burst: Burst) => void): void {
    let offset = 0;
    // In a Buffer of just its size, or side by side. Who answers within the call may cause another: all of that is lent at the same time.
    const apart = this.#random() < 0.3;
    const memory = apart
      ? undefined
      : this.#lent.slice(
          0,
          burst.reduce((bytes, { length }) => bytes + length, 0),
        );
    const lent = burst.map((datagram) => {
      const place = memory?.subarray(offset, offset + datagram.length) ?? Buffer.alloc(datagram.length);
      place.set(datagram);
      offset += datagram.length;
      return place;
    });
    take(lent);
    for (const datagram of lent) datagram.fill(POISON);
  }

  #plan(): void {
    if (this.#planned || this.#waiting.length === 0) return;
    this.#planned = true;
    this.#clock.schedule(
      () => {
        this.#planned = false;
        const leaving = this.#waiting.splice(0, integer(this.#random, 1, this.#waiting.length));
        for (const { held, arrive } of leaving) {
          this.#check(held);
          this.#carry(new Held(new Uint8Array(held.datagram)), arrive);
        }
        this.#plan();
      },
      integer(this.#random, 0, this.#network.delay),
    );
  }

  #check({ datagram, before }: Held): void {
    if (Buffer.compare(datagram, before) !== 0) this.#fail(`a datagram of ${datagram.length} bytes has changed`);
  }

  #carry(held: Held, arrive: (burst: Burst) => void): void {
    const { loss, duplicate, reorder, delay } = this.#network;
    if (this.#random() < loss) return;
    const copies = this.#random() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = this.#random() < reorder || copy > 0 ? integer(this.#random, 1, HELD_BACK + 4 * delay) : 0;
      if (delay + late === 0) arrive([held.datagram]);
      else this.#clock.schedule(() => arrive([held.datagram]), delay + late);
    }
  }
}

class Held {
  readonly datagram: Uint8Array;
  readonly before: Uint8Array;

  constructor(datagram: Uint8Array) {
    this.datagram = datagram;
    this.before = new Uint8Array(datagram);
  }
}

class OneBurst implements PacketMemory {
  bytes = new Uint8Array(4096);
  offset = 0;

  reserve(length: number): void {
    if (this.offset + length <= this.bytes.length) return;
    this.bytes = new Uint8Array(Math.max(2 * this.bytes.length, length));
    this.offset = 0;
  }
}
