// Propagation: datagrams in flight, all for the same time, so that none overtakes another.

import type { SchedulerLike, Subscription } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import { UNDER_WAY_BYTES_MAX, UNDER_WAY_MAX } from '../departures.ts';

/** ms by which rounding may make a wake-up early. */
export const ROUNDING = 1e-6;

export class DelayLine {
  readonly #scheduler: SchedulerLike;
  readonly #delay: number;
  readonly #coalesce: number;
  readonly #arrive: (burst: Burst) => void;
  #datagrams: Uint8Array[] = [];
  /** When each of them arrives, ms. */
  #dues: number[] = [];
  #left = 0;
  #bytes = 0;
  #wakeUp: Subscription | undefined;

  /** @param coalesce ms that an arriving datagram may wait for others. */
  constructor(scheduler: SchedulerLike, delay: number, coalesce: number, arrive: (burst: Burst) => void) {
    this.#scheduler = scheduler;
    this.#delay = delay;
    this.#coalesce = coalesce;
    this.#arrive = arrive;
  }

  /** Datagrams in flight. */
  get length(): number {
    return this.#datagrams.length - this.#left;
  }

  /** Sends a datagram, which it keeps. Returns false if too many are in flight. @param at when it sets off, ms; never earlier than the one before. */
  add(datagram: Uint8Array, at: number): boolean {
    if (this.length >= UNDER_WAY_MAX || this.#bytes + datagram.length > UNDER_WAY_BYTES_MAX) return false;
    this.#bytes += datagram.length;
    this.#datagrams.push(datagram);
    this.#dues.push(at + this.#delay);
    if (this.#wakeUp === undefined) this.#arm();
    return true;
  }

  #arm(): void {
    const due = this.#dues[this.#left];
    this.#wakeUp =
      due === undefined
        ? undefined
        : this.#scheduler.schedule(() => this.#run(), Math.max(due + this.#coalesce - this.#scheduler.now(), 0));
  }

  #run(): void {
    const until = this.#scheduler.now() + ROUNDING;
    const from = this.#left;
    while (this.#left < this.#dues.length && this.#dues[this.#left]! <= until) {
      this.#bytes -= this.#datagrams[this.#left]!.length;
      this.#left++;
    }
    const burst = this.#datagrams.slice(from, this.#left);
    if (2 * this.#left >= this.#dues.length) {
      this.#datagrams = this.#datagrams.slice(this.#left);
      this.#dues = this.#dues.slice(this.#left);
      this.#left = 0;
    }
    // The next wake-up comes before what the burst gives rise to, in the order of things at one instant.
    this.#arm();
    if (burst.length > 0) this.#arrive(burst);
  }
}
