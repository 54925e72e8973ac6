// How long an end stays that has nothing more to do. The peer may not have received our last acks: if it has sent data not long
// ago, it may retransmit it, and would take a conversation that ended well for a dead link.

import type { ControlBlock } from '../core/kcp/control-block.ts';

/** ms that an end without a round-trip time of its own gives its peer to retransmit what it has not seen acknowledged. */
const PATIENCE_UNSAMPLED = 3000;

export class Linger {
  readonly #block: Pick<ControlBlock, 'dataReceivedAt' | 'rtt'>;
  readonly #lateMax: number;
  readonly #begunAt: number;
  /** The end was noticed too late, and one turn more was waited for it. */
  #hasOverslept = false;

  /** Begins at `now`, when everything is acknowledged. @param lateMax ms by which a timer of a healthy process may be late. */
  constructor(block: Pick<ControlBlock, 'dataReceivedAt' | 'rtt'>, lateMax: number, now: number) {
    this.#block = block;
    this.#lateMax = lateMax;
    this.#begunAt = now;
  }

  /** ms to stay from `now` on, which is `late` ms after the timer was due: what the peer has retransmitted meanwhile may wait in the socket. */
  left(now: number, late: number): number {
    const { isSampled, rto } = this.#block.rtt;
    const patience = isSampled ? 2 * rto : PATIENCE_UNSAMPLED;
    const until = Math.min(this.#block.dataReceivedAt + patience, this.#begunAt + 4 * patience);
    const left = Math.max(Math.ceil(until - now), 0);
    if (left > 0 || late <= this.#lateMax || this.#hasOverslept) return left;
    this.#hasOverslept = true;
    return 1;
  }
}
