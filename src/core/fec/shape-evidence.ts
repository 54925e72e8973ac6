// What a number of packets say about every possible group length at once. Taking in one more packet
// costs one step for each length, and asking for the verdict costs no more, however many packets
// there were and whatever they claim.

import { type FecShape, GROUP_MAX } from './shape.ts';

/** By group length: that length. */
const LENGTHS = /* @__PURE__ */ Uint16Array.from({ length: GROUP_MAX + 1 }, (_, length) => length);
/**
 * By group length: the remainder of 65536. With it a remainder takes arithmetic of 31 bits only,
 * which is several times faster.
 */
const HIGH_REMAINDERS = /* @__PURE__ */ LENGTHS.map((length) => 0x1_0000 % length);

export class ShapeEvidence {
  /** By group length: the place behind the last data. */
  readonly #dataEnd = new Uint16Array(GROUP_MAX + 1);
  /** By group length: the first place that has parity. */
  readonly #parityStart = new Uint16Array(LENGTHS);
  /** Greatest common divisor of the seqids at which groups begin; 0 while none is known. */
  #starts = 0;

  /** Takes in a packet. Returns whether it brought something new. */
  add(seqid: number, isData: boolean): boolean {
    const dataEnd = this.#dataEnd;
    const parityStart = this.#parityStart;
    const high = seqid >>> 16;
    const low = seqid & 0xffff;
    let isNew = false;
    for (let length = 2; length <= GROUP_MAX; length++) {
      const place = (high * HIGH_REMAINDERS[length]! + low) % length;
      if (isData) {
        if (place >= dataEnd[length]!) {
          dataEnd[length] = place + 1;
          isNew = true;
        }
      } else if (place < parityStart[length]!) {
        parityStart[length] = place;
        isNew = true;
      }
    }
    return isNew;
  }

  /**
   * Takes in that a group begins at `seqid`: data that follows parity. Returns whether that is new.
   */
  addStart(seqid: number): boolean {
    const before = this.#starts;
    this.#starts = gcd(seqid, before);
    return this.#starts !== before;
  }

  /** Takes in all that `other` has. */
  addAll(other: ShapeEvidence): void {
    for (let length = 2; length <= GROUP_MAX; length++) {
      this.#dataEnd[length] = Math.max(this.#dataEnd[length]!, other.#dataEnd[length]!);
      this.#parityStart[length] = Math.min(this.#parityStart[length]!, other.#parityStart[length]!);
    }
    this.#starts = gcd(other.#starts, this.#starts);
  }

  /** The one shape that agrees with every packet; undefined if none does, or more than one. */
  get shape(): FecShape | undefined {
    if (this.#starts === 0) return undefined;
    const high = this.#starts >>> 16;
    const low = this.#starts & 0xffff;
    let only: FecShape | undefined;
    for (let length = 2; length <= GROUP_MAX; length++) {
      if ((high * HIGH_REMAINDERS[length]! + low) % length !== 0) continue;
      const dataEnd = this.#dataEnd[length]!;
      const parityStart = this.#parityStart[length]!;
      if (dataEnd > parityStart) continue;
      // If packets between the two are missing, parity may begin at any of them.
      if (only || dataEnd < parityStart) return undefined;
      only = { data: parityStart, parity: length - parityStart };
    }
    return only;
  }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
