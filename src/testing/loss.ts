// Losing datagrams: each by itself, or in bursts.

import type { Dice } from './dice.ts';
import type { BurstLoss } from './options.ts';
import type { Passage, Stage } from './passage.ts';

export class Loss implements Stage {
  readonly #share: number;
  readonly #dice: Dice;

  constructor(share: number, dice: Dice) {
    this.#share = share;
    this.#dice = dice;
  }

  apply(passage: Passage): void {
    if (this.#dice() < this.#share) passage.lost ??= 'loss';
  }
}

/** The channel of E. N. Gilbert (1960) and E. O. Elliott (1963): two states, a share lost in each. */
export class LossInBursts implements Stage {
  readonly #enter: number;
  readonly #leave: number;
  readonly #bad: number;
  readonly #good: number;
  readonly #dice: Dice;
  #isBad = false;

  constructor({ enter, leave, bad = 1, good = 0 }: BurstLoss, dice: Dice) {
    this.#enter = enter;
    this.#leave = leave;
    this.#bad = bad;
    this.#good = good;
    this.#dice = dice;
  }

  apply(passage: Passage): void {
    if (this.#dice() < (this.#isBad ? this.#leave : this.#enter)) this.#isBad = !this.#isBad;
    if (this.#dice() < (this.#isBad ? this.#bad : this.#good)) passage.lost ??= 'burst loss';
  }
}
