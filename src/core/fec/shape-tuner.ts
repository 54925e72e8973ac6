// Determines the shape of a peer's groups from the types of its packets (kcp-go autotune.go).
//
// Groups begin at multiples of their length, with data. So wherever data follows parity, the length
// divides the seqid. Of all shapes whose length divides all of those seqids, the true one agrees
// with every packet. If only one shape agrees, it is the true one: losses do not matter, and no
// other shape can be mistaken for it. (kcp-go takes the first run of data and the first run of
// parity without a gap among its oldest samples. Under losses that takes long, and it may take what
// is no group.)
//
// A hostile peer decides what arrives here, so the work per sample is bounded by construction:
// ShapeEvidence keeps the verdict on every length up to date, and no sample is looked at twice. Old
// samples leave in portions, for each of which the evidence is kept on its own.

import { SecondPacket } from './second-packet.ts';
import { type FecShape, GROUP_MAX } from './shape.ts';
import { ShapeEvidence } from './shape-evidence.ts';

/** Samples of a portion: a group of the largest kind. */
const PORTION = GROUP_MAX;
/**
 * Portions kept in addition to the one that fills up: several of the largest groups, so that losses
 * leave enough of them.
 */
const FULL_PORTIONS = 4;
/** Samples farther than this from the latest belong to another stream, or are forged. */
const NEIGHBORHOOD = 8 * GROUP_MAX;

interface Portion {
  /** Whether it was data, by seqid. */
  readonly samples: Map<number, boolean>;
  readonly evidence: ShapeEvidence;
}

export class ShapeTuner {
  /**
   * How often evidence was updated or consulted, each of which takes at most 255 steps. Specs hold
   * it against the number of samples.
   */
  evaluations = 0;
  /** The latest first. */
  #portions: Portion[] = [];
  /** What all portions say together; made for the first sample, since most sessions have none. */
  #evidence: ShapeEvidence | undefined;
  /** The verdict on that. */
  #shape: FecShape | undefined;
  /** The seqid taken in last. */
  #latest: number | undefined;
  /** Samples far from the latest: the first counts once another one confirms that the stream is there. */
  readonly #distant = new SecondPacket();

  /** Takes note of a packet. Returns the shape once no other is possible. */
  sample(seqid: number, isData: boolean): FecShape | undefined {
    if (this.#latest !== undefined && !isNear(seqid, this.#latest)) {
      const first = this.#distant.confirms(seqid, isData, (other) => isNear(seqid, other));
      if (!first) return undefined;
      this.forget();
      this.#take(first.seqid, first.isData);
    }
    return this.#take(seqid, isData);
  }

  /** Discards all samples: they say nothing about what is to come. */
  forget(): void {
    this.#portions = [];
    this.#evidence = this.#shape = this.#latest = undefined;
    this.#distant.forget();
  }

  #take(seqid: number, isData: boolean): FecShape | undefined {
    const before = this.#typeOf(seqid);
    if (before === isData) return this.#shape;
    // The peer numbers its packets differently from now on, so whatever was seen before is out of date.
    if (before !== undefined) this.forget();
    this.#latest = seqid;
    const { samples, evidence } = this.#portion();
    samples.set(seqid, isData);
    evidence.add(seqid, isData);
    let isNew = !this.#evidence;
    this.#evidence ??= this.#together();
    if (this.#evidence.add(seqid, isData)) isNew = true;
    this.evaluations += 2;
    const start = this.#startAt(seqid, isData);
    if (start !== undefined) {
      evidence.addStart(start);
      if (this.#evidence.addStart(start)) isNew = true;
    }
    if (isNew) {
      this.#shape = this.#evidence.shape;
      this.evaluations++;
    }
    return this.#shape;
  }

  /** The seqid at which a group is known to begin now that there is a sample at `seqid`. */
  #startAt(seqid: number, isData: boolean): number | undefined {
    if (isData) return this.#typeOf(seqid - 1) === false ? seqid : undefined;
    return this.#typeOf(seqid + 1) === true ? seqid + 1 : undefined;
  }

  #typeOf(seqid: number): boolean | undefined {
    for (const { samples } of this.#portions) {
      const isData = samples.get(seqid);
      if (isData !== undefined) return isData;
    }
    return undefined;
  }

  /** The portion to add to; a new one if the latest is full, in place of the oldest. */
  #portion(): Portion {
    const latest = this.#portions[0];
    if (latest && latest.samples.size < PORTION) return latest;
    const portion = { samples: new Map<number, boolean>(), evidence: new ShapeEvidence() };
    this.#portions.unshift(portion);
    if (this.#portions.length > FULL_PORTIONS + 1) {
      this.#portions.pop();
      // Contradictions may have left with it.
      this.#evidence = undefined;
    }
    return portion;
  }

  #together(): ShapeEvidence {
    const all = new ShapeEvidence();
    for (const { evidence } of this.#portions) all.addAll(evidence);
    this.evaluations += this.#portions.length;
    return all;
  }
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= NEIGHBORHOOD;
}
