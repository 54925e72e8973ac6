// Datagrams under way, until their time has come. Those of one instant arrive as one burst.

import type { SchedulerLike, Subscription } from 'rxjs';
import { type Deadlined, DeadlineHeap } from '../time/deadline-heap.ts';

/** Most datagrams under way in one direction, and most bytes of them; what comes on top is dropped. */
export const UNDER_WAY_MAX = 65_536;
export const UNDER_WAY_BYTES_MAX = 64 * 1024 * 1024;

class Arrival implements Deadlined {
  due: number;
  place = -1;
  readonly burst: Uint8Array[] = [];

  constructor(due: number) {
    this.due = due;
  }
}

export class Departures {
  #count = 0;
  #bytes = 0;
  readonly #scheduler: SchedulerLike;
  readonly #arrive: (burst: Uint8Array[]) => void;
  readonly #arrivals = new Map<number, Arrival>();
  readonly #heap = new DeadlineHeap<Arrival>((a, b) => a < b);
  #wakeUp: Subscription | undefined;
  #wakeUpAt = Infinity;

  constructor(scheduler: SchedulerLike, arrive: (burst: Uint8Array[]) => void) {
    this.#scheduler = scheduler;
    this.#arrive = arrive;
  }

  get size(): number {
    return this.#count;
  }

  /** Sends a copy of `packet` on its way, to arrive at `at` (whole ms, later than now). False: there is no room for it. */
  add(packet: Uint8Array, at: number): boolean {
    if (this.#count >= UNDER_WAY_MAX || this.#bytes + packet.length > UNDER_WAY_BYTES_MAX) return false;
    this.#count++;
    this.#bytes += packet.length;
    let arrival = this.#arrivals.get(at);
    if (arrival === undefined) {
      arrival = new Arrival(at);
      this.#arrivals.set(at, arrival);
      this.#heap.add(arrival);
      this.#arm();
    }
    // It was lent.
    arrival.burst.push(new Uint8Array(packet));
    return true;
  }

  clear(): void {
    this.#wakeUp?.unsubscribe();
    this.#wakeUpAt = Infinity;
    for (const arrival of this.#arrivals.values()) this.#take(arrival);
  }

  #arm(): void {
    const first = this.#heap.peek();
    if (first === undefined || first.due >= this.#wakeUpAt) return;
    this.#wakeUp?.unsubscribe();
    this.#wakeUpAt = first.due;
    this.#wakeUp = this.#scheduler.schedule(() => this.#run(), first.due - this.#scheduler.now());
  }

  #run(): void {
    // In real time, a wake-up may come a fraction of a ms early, and late ones have more than one instant to deliver.
    const until = this.#scheduler.now() + 0.5;
    let burst: Uint8Array[] | undefined;
    for (let first = this.#heap.peek(); first !== undefined && first.due <= until; first = this.#heap.peek()) {
      this.#take(first);
      if (burst === undefined) burst = first.burst;
      else burst.push(...first.burst);
    }
    this.#wakeUpAt = Infinity;
    // The next wake-up comes before what the burst gives rise to, in the order of things at one instant.
    this.#arm();
    if (burst !== undefined) this.#arrive(burst);
  }

  #take(arrival: Arrival): void {
    this.#heap.remove(arrival);
    this.#arrivals.delete(arrival.due);
    this.#count -= arrival.burst.length;
    for (const packet of arrival.burst) this.#bytes -= packet.length;
  }
}
