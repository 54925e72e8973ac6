// A network that takes the contract of links at its word: it keeps what it is given for as long as it may, and takes back what it lends.

import type { SchedulerLike } from 'rxjs';
import type { Burst, PacketMemory } from 'rxkcp';
import { integer } from '../random.ts';
import type { Holding, Plan } from './plan.ts';

/** What is written over memory that belongs to somebody else again. */
export const POISON = 0xdb;
const WAITING_MAX = 300;
const HELD_BACK = 15;

/**
 * One way of a link in memory. What is handed to it, it has by `holding`:
 *
 * - `views`: it sends single datagrams later, some of them twice, out of the memory it was given.
 * - `in order`: the same in order, as from the queue of a socket (`Link.sendsInOrder`).
 * - `own memory`: it sends at once, and has memory that is written to again at once (`Link.memory`).
 */
export class Air {
  readonly sendsInOrder: boolean;
  readonly memory: (PacketMemory & { bytes: Uint8Array<ArrayBuffer> }) | undefined;
  readonly #network: Plan['network'];
  readonly #holding: Holding;
  readonly #clock: SchedulerLike;
  readonly #random: () => number;
  readonly #waiting: { readonly datagram: Uint8Array; readonly arrive: (burst: Burst) => void }[] = [];
  #planned = false;
  readonly #lent = new Uint8Array(1 << 20);

  constructor(plan: Plan, holding: Holding, clock: SchedulerLike, random: () => number) {
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
      for (const datagram of burst) this.#carry(datagram, arrive);
    } else if (this.#holding === 'in order') {
      for (const datagram of burst.slice(0, WAITING_MAX - this.#waiting.length))
        this.#waiting.push({ datagram, arrive });
      this.#plan();
    } else {
      const copies = burst.map((datagram) => new Uint8Array(datagram));
      this.memory?.bytes.fill(POISON);
      if (this.memory !== undefined) this.memory.offset = 0;
      for (const datagram of copies) this.#carry(datagram, arrive);
    }
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
        for (const { datagram, arrive } of leaving) this.#carry(new Uint8Array(datagram), arrive);
        this.#plan();
      },
      integer(this.#random, 0, this.#network.delay),
    );
  }

  #carry(datagram: Uint8Array, arrive: (burst: Burst) => void): void {
    const { loss, duplicate, reorder, delay } = this.#network;
    if (this.#random() < loss) return;
    const copies = this.#random() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = this.#random() < reorder || copy > 0 ? integer(this.#random, 1, HELD_BACK + 4 * delay) : 0;
      if (delay + late === 0) arrive([datagram]);
      else this.#clock.schedule(() => arrive([datagram]), delay + late);
    }
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
