// What no packet is believed alone, for it may be forged: that the numbering of a stream, or the shape of its groups, has changed. A second
// one, not a copy of the first, has to say the same.

/** A packet that claims it. */
export interface Claim {
  readonly seqid: number;
  readonly isData: boolean;
}

export class SecondPacket {
  #first: Claim | undefined;

  /** Takes note of a claim. Returns the one before, if that was another packet's and `agrees`; undefined if it takes one more. */
  confirms(seqid: number, isData: boolean, agrees: (seqid: number) => boolean): Claim | undefined {
    const first = this.#first;
    this.#first = { seqid, isData };
    return first && first.seqid !== seqid && agrees(first.seqid) ? first : undefined;
  }

  /** Nothing is claimed. */
  forget(): void {
    this.#first = undefined;
  }
}
