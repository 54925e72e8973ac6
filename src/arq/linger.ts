// How long an end stays that has nothing more to do. If the peer has acknowledged a segment that said what we had received, it has our
// acks, and nothing keeps us. Otherwise, if it has sent data not long ago, it may retransmit it, and would take a conversation that ended
// well for a dead link. So its retransmissions are answered for a
// while. That alone would not do: each of them has to arrive, and so has the answer. So what was received is also said again and again
// without being asked, as a WINS, which every peer looks for `una` in and none for a round trip.

import type { ControlBlock } from '../core/kcp/control-block.ts';

/** ms that an end without a round-trip time of its own gives its peer to retransmit what it has not seen acknowledged. */
const PATIENCE_UNSAMPLED = 3000;
/** Times that an end says unasked what it has received: with one datagram of five lost, one peer in two million misses all. */
const REPEATS = 8;

type Block = Pick<ControlBlock, 'dataReceivedAt' | 'owesAcks' | 'receiving' | 'rtt'>;

export class Linger {
  readonly #block: Block;
  readonly #lateMax: number;
  readonly #begunAt: number;
  /** Repeats since there was something new to say, when that was, and up to where it had come. */
  #repeats = 0;
  #newsAt: number;
  #nxt: number;
  /** The end was noticed too late, and one turn more was waited for it. */
  #hasOverslept = false;

  /** Begins at `now`, when everything is acknowledged. @param lateMax ms by which a timer of a healthy process may be late. */
  constructor(block: Block, lateMax: number, now: number) {
    this.#block = block;
    this.#lateMax = lateMax;
    this.#begunAt = this.#newsAt = now;
    this.#nxt = block.receiving.nxt;
  }

  /** ms to stay from `now` on, which is `late` ms after the timer was due: what the peer has retransmitted meanwhile may wait in the socket. */
  left(now: number, late: number): number {
    if (!this.#block.owesAcks) return 0;
    const left = Math.max(Math.ceil(this.#until - now), 0);
    if (left > 0 || late <= this.#lateMax || this.#hasOverslept) return left;
    this.#hasOverslept = true;
    return 1;
  }

  /** Whether what was received is to be said at `now`. */
  repeats(now: number): boolean {
    const { nxt } = this.#block.receiving;
    if (this.#nxt !== nxt) {
      this.#nxt = nxt;
      this.#newsAt = now;
      this.#repeats = 0;
    }
    if (this.nextRepeat(now) > 0) return false;
    this.#repeats++;
    return true;
  }

  /** ms from `now` until it is to be said again. */
  nextRepeat(now: number): number {
    if (this.#repeats === REPEATS) return Infinity;
    const at = this.#newsAt + ((this.#until - this.#newsAt) * (this.#repeats + 1)) / (REPEATS + 1);
    return Math.max(Math.ceil(at - now), 0);
  }

  get #until(): number {
    const { isSampled, rto } = this.#block.rtt;
    const patience = isSampled ? 2 * rto : PATIENCE_UNSAMPLED;
    return Math.min(this.#block.dataReceivedAt + patience, this.#begunAt + 4 * patience);
  }
}
