// How long an end stays that has nothing more to do. The peer may not have got our last acks: if it has sent data not long ago, it may
// send it again, and would take a conversation that ended well for a dead link.

import type { ControlBlock } from '../core/kcp/control-block.ts';

/** ms that an end without a round-trip time of its own gives its peer to repeat what it has not seen acknowledged. */
const PATIENCE_UNSAMPLED = 3000;

export class Linger {
  readonly #block: Pick<ControlBlock, 'dataReceivedAt' | 'rtt'>;
  readonly #lateMax: number;
  /** When everything was acknowledged. */
  #begunAt: number | undefined = undefined;
  /** The end was noticed too late, and one turn more was waited for it. */
  #hasOverslept = false;

  /** @param lateMax ms by which a timer of a healthy process may be late. */
  constructor(block: Pick<ControlBlock, 'dataReceivedAt' | 'rtt'>, lateMax: number) {
    this.#block = block;
    this.#lateMax = lateMax;
  }

  get isUnderWay(): boolean {
    return this.#begunAt !== undefined;
  }

  begin(now: number): void {
    this.#begunAt = now;
  }

  /** ms to stay from `now` on, which is `late` ms after the timer was due: what the peer has sent again meanwhile may wait in the socket. */
  left(now: number, late: number): number {
    const { isSampled, rto } = this.#block.rtt;
    const patience = isSampled ? 2 * rto : PATIENCE_UNSAMPLED;
    const until = Math.min(this.#block.dataReceivedAt + patience, (this.#begunAt ?? now) + 4 * patience);
    const left = Math.max(Math.ceil(until - now), 0);
    if (left > 0 || late <= this.#lateMax || this.#hasOverslept) return left;
    this.#hasOverslept = true;
    return 1;
  }
}
