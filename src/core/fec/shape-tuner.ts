// Finds out the shape of a peer's groups from the types of its packets (kcp-go autotune.go).
//
// Groups begin at multiples of their length, with data: so wherever data follows parity, the length divides the seqid. Of all
// shapes whose length divides all of those, the true one agrees with every packet. If it is the only one that does, it is known: then
// losses do not matter, and nothing can be taken for what it is not. (The reference wants a run of data and a run of parity without a gap
// at the head of its oldest samples, which under losses takes long, and takes what it finds first.)

import { type FecShape, GROUP_MAX } from './shape.ts';

/** Samples kept: some groups of the largest kind, so that losses leave enough of them. */
const SAMPLES_MAX = 4 * GROUP_MAX;
/** Samples farther than this from the newest are of another stream, or forged. */
const NEIGHBOURHOOD = 8 * GROUP_MAX;

export class ShapeTuner {
  /** Whether it was data, by seqid; oldest first. */
  readonly #samples = new Map<number, boolean>();

  /** Takes note of a packet. Returns the shape, once no other is possible. */
  sample(seqid: number, isData: boolean): FecShape | undefined {
    this.#samples.delete(seqid);
    this.#samples.set(seqid, isData);
    if (this.#samples.size > SAMPLES_MAX) {
      const [oldest] = this.#samples.keys();
      if (oldest !== undefined) this.#samples.delete(oldest);
    }
    // Alone it tells nothing; most of what is forged is.
    if (!this.#samples.has(seqid - 1) && !this.#samples.has(seqid + 1)) return undefined;
    const near: number[] = [];
    let divisible = 0;
    for (const [other, otherIsData] of this.#samples) {
      if (Math.abs(other - seqid) > NEIGHBOURHOOD) continue;
      near.push(other);
      if (otherIsData && this.#samples.get(other - 1) === false) divisible = gcd(other, divisible);
    }
    return divisible === 0 ? undefined : this.#onlyShape(near, divisible);
  }

  /** What was seen says nothing about what is to come. */
  forget(): void {
    this.#samples.clear();
  }

  #onlyShape(seqids: readonly number[], divisible: number): FecShape | undefined {
    let only: FecShape | undefined;
    for (let length = 2; length <= GROUP_MAX; length++) {
      if (divisible % length !== 0) continue;
      const [lastData, firstParity] = this.#border(seqids, length);
      if (lastData >= firstParity) continue;
      // With packets missing between the two the border may be anywhere there.
      if (only !== undefined || lastData + 1 < firstParity) return undefined;
      only = { data: firstParity, parity: length - firstParity };
    }
    return only;
  }

  /** In groups of that length, the last place where data was seen, and the first where parity was. */
  #border(seqids: readonly number[], length: number): [number, number] {
    let lastData = -1;
    let firstParity = length;
    for (const seqid of seqids) {
      const place = seqid % length;
      if (this.#samples.get(seqid)) lastData = Math.max(lastData, place);
      else firstParity = Math.min(firstParity, place);
    }
    return [lastData, firstParity];
  }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
