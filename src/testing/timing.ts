// Making datagrams wait: for the length of the way, for its moods, and so that later ones overtake.

import type { Dice } from './dice.ts';
import type { Passage, Stage } from './passage.ts';

export class Delay implements Stage {
  readonly #delay: number;
  readonly #jitter: number;
  readonly #dice: Dice;
  /** No datagram arrives before the one in front of it. */
  #lastAt = -Infinity;

  constructor(delay: number, jitter: number, dice: Dice) {
    this.#delay = delay;
    this.#jitter = jitter;
    this.#dice = dice;
  }

  apply(passage: Passage): void {
    const jitter = this.#jitter * (2 * this.#dice() - 1);
    if (passage.lost !== undefined) return;
    this.#lastAt = Math.max(this.#lastAt, passage.at + Math.max(this.#delay + jitter, 0));
    passage.at = this.#lastAt;
  }
}

export class Reordering implements Stage {
  readonly #share: number;
  readonly #by: number;
  readonly #dice: Dice;

  constructor(share: number, by: number, dice: Dice) {
    this.#share = share;
    this.#by = by;
    this.#dice = dice;
  }

  apply(passage: Passage): void {
    if (this.#dice() >= this.#share || passage.lost !== undefined) return;
    passage.reordered = true;
    passage.at += this.#by;
  }
}
