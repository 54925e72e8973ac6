// How long an end stays that has nothing more to do. If the peer has acknowledged a segment that said what we had received, it has our
// acks, and nothing keeps us. Otherwise, if it has sent data not long ago, it may retransmit it, and would take a conversation that ended
// well for a dead link. So its retransmissions are answered for a
// while. That alone would not do: each of them has to arrive, and so has the answer. So what was received is also said again and again
// without being asked, as a WINS, which every peer looks for `una` in and none for a round trip. That WINS carries the word that this end
// leaves, too; a peer which understands such words, and has heard this one, needs nothing more.

import type { ControlBlock } from '../core/kcp/control-block.ts';
import { LEFT } from '../core/kcp/words.ts';

/** ms that an end which has measured no round trip gives its peer to retransmit unacknowledged segments. */
const PATIENCE_UNSAMPLED = 3000;
/** Times that an end says unasked what it has received: with one datagram of five lost, one peer in two million misses all. */
const REPEATS = 8;

export class Linger {
  readonly #block: ControlBlock;
  readonly #begunAt: number;
  /** Repeats since there was something new to say, when that was, and up to where it had come. */
  #repeats = 0;
  #newsAt: number;
  #nxt: number;
  /** The end was noticed too late, and one turn more was waited for it. */
  #hasOverslept = false;

  /** Begins at `now`, when everything is acknowledged. */
  constructor(block: ControlBlock, now: number) {
    this.#block = block;
    this.#begunAt = this.#newsAt = now;
    this.#nxt = block.receiving.nxt;
    if (!block.farewell?.isAwaiting) block.say(LEFT, now);
  }

  /**
   * Says what was received, if it is time for that. Returns the ms until the next turn; undefined when there is none.
   *
   * @param isLate whether the process was held up: then what the peer has retransmitted meanwhile may wait in the socket.
   */
  turn(now: number, isLate: boolean): number | undefined {
    const { owesAcks, dataAt, farewell, receiving, rtt } = this.#block;
    if (farewell?.isKnown) return undefined;
    const wanted = farewell?.isUnderstood || farewell?.isAwaiting;
    if (!owesAcks && !wanted) return undefined;
    const patience = rtt.isSampled ? 2 * rtt.rto : PATIENCE_UNSAMPLED;
    // However long ago its data came, the peer may wait for the ack of it still.
    const since = Math.max(dataAt, this.#begunAt);
    const until = Math.min(since + (wanted ? 2 : 1) * patience, this.#begunAt + 4 * patience);
    let left = Math.ceil(until - now);
    if (left <= 0) {
      if (!isLate || this.#hasOverslept) return undefined;
      this.#hasOverslept = true;
      left = 1;
    }
    const { nxt } = receiving;
    if (this.#nxt !== nxt) {
      this.#nxt = nxt;
      this.#newsAt = now;
      this.#repeats = 0;
    }
    if (this.#nextRepeat(until) <= now) {
      this.#repeats++;
      this.#block.repeatAcks(now);
    }
    return Math.min(left, Math.max(Math.ceil(this.#nextRepeat(until) - now), 0));
  }

  /** When what was received is to be said again, if it ends at `until`. */
  #nextRepeat(until: number): number {
    if (this.#repeats === REPEATS) return Infinity;
    return this.#newsAt + ((until - this.#newsAt) * (this.#repeats + 1)) / (REPEATS + 1);
  }
}
