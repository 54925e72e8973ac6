// Finds out the shape of a peer's groups from the types of its packets (kcp-go autotune.go).
//
// Somewhere among the packets there is a whole group with nothing missing: after parity, or from seqid 0 on, a run of data, a run
// of parity, and data again, all consecutive. Groups begin at multiples of their length. The reference looks at its oldest
// samples only, which a single loss, or a single forged seqid, spoils until it is forgotten; here every new sample is looked at
// together with its neighbours.

import { type FecShape, GROUP_MAX } from './shape.ts';

/** Samples kept: a group of the largest kind with its two edges. */
const SAMPLES_MAX = GROUP_MAX + 2;

export class ShapeTuner {
  /** Whether it was data, by seqid; oldest first. */
  readonly #samples = new Map<number, boolean>();

  /** Takes note of a packet. Returns the shape of the group it completes the evidence for. */
  sample(seqid: number, isData: boolean): FecShape | undefined {
    this.#samples.delete(seqid);
    this.#samples.set(seqid, isData);
    if (this.#samples.size > SAMPLES_MAX) {
      const [oldest] = this.#samples.keys();
      if (oldest !== undefined) this.#samples.delete(oldest);
    }
    // A group ends where data follows parity.
    for (let at = seqid; this.#samples.has(at); at++) {
      const shape = this.#isFirstOfData(at) ? this.#groupBefore(at) : undefined;
      if (shape !== undefined) return shape;
    }
    return undefined;
  }

  /** What was seen says nothing about what is to come. */
  forget(): void {
    this.#samples.clear();
  }

  #isFirstOfData(seqid: number): boolean {
    return this.#samples.get(seqid) === true && this.#samples.get(seqid - 1) === false;
  }

  #groupBefore(end: number): FecShape | undefined {
    const parity = this.#runBefore(end, false);
    const data = this.#runBefore(end - parity, true);
    const start = end - parity - data;
    const isWhole = start === 0 || this.#samples.get(start - 1) === false;
    const size = data + parity;
    return isWhole && data > 0 && size <= GROUP_MAX && start % size === 0 ? { data, parity } : undefined;
  }

  /** Samples of one kind right before `end`. */
  #runBefore(end: number, isData: boolean): number {
    let start = end;
    while (this.#samples.get(start - 1) === isData) start--;
    return end - start;
  }
}
