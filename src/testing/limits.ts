// The limits of a network: bytes per second, length of datagrams, and times at which nothing passes.

import type { Blackout, RateLimit } from './options.ts';
import type { Passage, Stage } from './passage.ts';

/** Default of {@link RateLimit.queueBytes}. */
export const QUEUE_BYTES_DEFAULT = 65_536;

/** A line that sends one datagram after another, with a queue in front of it that drops what does not fit (drop-tail). */
export class Bottleneck implements Stage {
  readonly #bytesPerMs: number;
  readonly #queueBytes: number;
  /** When the line is free again. */
  #freeAt = -Infinity;

  constructor({ bytesPerSecond, queueBytes = QUEUE_BYTES_DEFAULT }: RateLimit) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#queueBytes = queueBytes;
  }

  apply(passage: Passage): void {
    if (passage.lost !== undefined) return;
    const from = Math.max(this.#freeAt, passage.at);
    const waiting = (from - passage.at) * this.#bytesPerMs;
    const bytes = passage.packet.length * passage.copies;
    // What finds the line free need not fit into the queue.
    if (waiting > 0 && waiting + bytes > this.#queueBytes) {
      passage.lost = 'queue';
      return;
    }
    this.#freeAt = from + bytes / this.#bytesPerMs;
    passage.at = this.#freeAt;
  }
}

export class MtuCap implements Stage {
  readonly #mtu: number;

  constructor(mtu: number) {
    this.#mtu = mtu;
  }

  apply(passage: Passage): void {
    if (passage.packet.length > this.#mtu) passage.lost ??= 'mtu';
  }
}

export class Blackouts implements Stage {
  readonly #blackouts: readonly Blackout[];
  readonly #origin: number;

  constructor(blackouts: readonly Blackout[], origin: number) {
    this.#blackouts = blackouts;
    this.#origin = origin;
  }

  apply(passage: Passage): void {
    const time = passage.at - this.#origin;
    for (const { at, duration } of this.#blackouts) {
      if (time >= at && time < at + duration) passage.lost ??= 'blackout';
    }
  }
}
