// One datagram on its way through one direction of a bad network, and what changes its fate.

/**
 * Why a datagram was lost: `loss` and `burst loss` by chance, `blackout` at its time, `mtu` for its size, `queue`
 * because a queue was full.
 */
export type LossCause = 'loss' | 'burst loss' | 'blackout' | 'mtu' | 'queue';

/** The fate of one datagram, as far as it is settled. */
export class Passage {
  packet: Uint8Array;
  /** When it arrives, ms on the scheduler's clock: at once, at first. */
  at: number;
  lost: LossCause | undefined;
  /** How often it arrives. */
  copies = 1;
  corrupted = false;
  reordered = false;

  constructor(packet: Uint8Array, now: number) {
    this.packet = packet;
    this.at = now;
  }
}

/**
 * One impairment of one direction. It is shown every datagram, the lost ones too, and throws its dice for each: so the
 * k-th datagram meets the same chance whatever the other impairments do.
 */
export interface Stage {
  apply(passage: Passage): void;
}
