// Changing what arrives: twice instead of once, or with a bit turned over.

import type { Dice } from './dice.ts';
import type { Passage, Stage } from './passage.ts';

export class Duplication implements Stage {
  readonly #share: number;
  readonly #dice: Dice;

  constructor(share: number, dice: Dice) {
    this.#share = share;
    this.#dice = dice;
  }

  apply(passage: Passage): void {
    if (this.#dice() < this.#share) passage.copies = 2;
  }
}

export class Corruption implements Stage {
  readonly #share: number;
  readonly #dice: Dice;

  constructor(share: number, dice: Dice) {
    this.#share = share;
    this.#dice = dice;
  }

  apply(passage: Passage): void {
    const isHit = this.#dice() < this.#share;
    const bit = Math.floor(this.#dice() * passage.packet.length * 8);
    if (!isHit || passage.lost !== undefined || passage.packet.length === 0) return;
    passage.corrupted = true;
    // Its sender may still hold the packet, to send it again.
    passage.packet = new Uint8Array(passage.packet);
    passage.packet[bit >> 3] = (passage.packet[bit >> 3] as number) ^ (1 << (bit & 7));
  }
}
