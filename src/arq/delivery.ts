// Brings messages to their reader.

import type { SchedulerLike, Subscriber } from 'rxjs';
import type { ControlBlock } from '../core/kcp/control-block.ts';
import type { Counters } from '../counters/counters.ts';
import { conclude, type Outcome } from './outcome.ts';

/** In stream mode, most bytes delivered at once. */
const STREAM_READ_MAX = 65_536;

export class Delivery {
  /** Who reads. */
  messages: Subscriber<Uint8Array> | undefined;
  isPaused = false;
  readonly #block: ControlBlock;
  readonly #counters: Counters;
  readonly #scheduler: SchedulerLike;
  /** How the conversation ended, once it has. */
  outcome: Outcome | undefined;

  constructor(block: ControlBlock, counters: Counters, scheduler: SchedulerLike) {
    this.#block = block;
    this.#counters = counters;
    this.#scheduler = scheduler;
  }

  /** Delivers what can be read. Returns whether there was anything. */
  deliver(): boolean {
    let delivered = false;
    if (!this.#block.receiving.readable) return delivered;
    const now = this.#scheduler.now();
    while (!this.isPaused && this.outcome?.discards !== true && this.messages !== undefined) {
      const message = this.#block.read(now, this.#block.tunables.stream ? STREAM_READ_MAX : 0);
      if (message === undefined) break;
      delivered = true;
      // No peer of kcp-go's kind sends an empty one, and nobody could pass it on.
      if (message.length === 0) continue;
      this.#counters.BytesReceived += message.length;
      this.messages.next(message);
    }
    return delivered;
  }

  /** Ends the reading of a conversation that has ended, once nothing is left. */
  conclude(): void {
    const outcome = this.outcome as Outcome;
    if (outcome.discards || !this.#block.receiving.readable) conclude(this.messages, outcome);
  }
}
