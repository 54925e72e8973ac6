// What two ends of this project tell each other of their ends. KCP has no FIN. But of a WINS every KCP peer reads the window and `una`, and
// nothing else (kcp-go kcp.go, Input; ikcp.c, ikcp_input): so there is room in it for words of our own.
//
//   frg   the words: bits, see words.ts; a WINS that says nothing has none
//   sn    where what its sender sends ends: the first sn that it will not use
//   ts    proof of who says so: a timestamp of data of whom it is said to. Who has received none says by BY_OWN_CLOCK that it is a
//         reading of the clock that stamps its own. A stranger, who cannot read along, knows neither.

import { readInt32 } from '../../bytes/int.ts';
import { PeerLeftError, type RxkcpError, ServerClosingError, ServerFullError } from '../../errors.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { Receiver } from './receiver.ts';
import type { RttEstimator } from './rtt.ts';
import { FRG_OFFSET, SN_OFFSET, TS_OFFSET, WINS } from './segment.ts';
import type { SendBuffer } from './send-buffer.ts';
import { isReached, serialDiff } from './serial.ts';
import { ANSWER, BY_OWN_CLOCK, CLOSING, FINISHED, FULL, KNOWN, LEFT } from './words.ts';

/** Times that something is said to a peer that does not show that it knows; those of other kinds never do. */
const REPEATS_MAX = 20;
/** RTOs for which a peer that has left may still acknowledge. */
const LINGERING = 4;
/** ms by which a clock may seem to be wrong: datagrams take their time. */
const ERROR_MAX = 10_000;

/** Who is told how far an end is: from then on, each time the conversation has been at work. It may call back. */
export interface FarewellEvents {
  /** Everything was sent and acknowledged. */
  acknowledged(): void;
  /** The peer has finished, and everything that it sent was read. */
  peerFinished(): void;
}

/** Makes the farewell of a conversation that begins at `now` (int32 clock). */
export type MakeFarewell = (sending: SendBuffer, receiver: Receiver, rtt: RttEstimator, now: number) => Farewell;

export class Farewell {
  /** Where the peer's data ends; undefined while it has not said. */
  peerEnd: number | undefined;
  /** When it was learned that the peer has left; undefined while it is there. */
  leftAt: number | undefined;
  /** Whether the peer has ever said a word: then it understands them. */
  isUnderstood = false;
  /** Whether this end, once it has sent everything, stays until the peer has finished, too. */
  isHalf = false;
  /** Set before the conversation is at work. */
  events!: FarewellEvents;
  readonly #sending: SendBuffer;
  readonly #receiver: Receiver;
  readonly #rtt: RttEstimator;
  readonly #begunAt: number;
  readonly #firstSn: number;
  #nextAt: number | undefined;
  #words = 0;
  /** What of our words the peer has shown to know. */
  #known = 0;
  /** ANSWER while one is owed. */
  #answer = 0;
  /** FULL or CLOSING, if the peer took up no conversation. */
  #refusal = 0;
  #repeats = 0;

  /** @param begunAt when the conversation began here. */
  constructor(sending: SendBuffer, receiver: Receiver, rtt: RttEstimator, begunAt: number) {
    this.#sending = sending;
    this.#receiver = receiver;
    this.#rtt = rtt;
    this.#begunAt = begunAt;
    this.#firstSn = sending.end;
  }

  /** Says `word` from `now` on, until the peer shows that it knows. */
  say(word: number, now: number): void {
    this.#words |= word;
    this.#repeats = 0;
    this.#nextAt = now;
  }

  /** When this end repeats its word (int32 clock); undefined if it does not: it speaks to a peer alone, or after what was sent. */
  get nextAt(): number | undefined {
    const isHeard = this.#hasPeer || (this.#words === FINISHED && this.#sending.end !== this.#firstSn);
    return isHeard ? this.#nextAt : undefined;
  }

  /** Whether the peer knows all that was said. */
  get isKnown(): boolean {
    return (this.isUnderstood || this.#words === 0) && (this.#words & ~this.#known) === 0;
  }

  /** Whether all that the peer has sent, and will ever send, has come. */
  get isComplete(): boolean {
    return this.#receiver.buffer.nxt === this.peerEnd;
  }

  /** Whether this end stays, and waits for the peer to finish: for it has not, and may know that it is awaited. */
  get isAwaiting(): boolean {
    return this.isHalf && this.#words > 0 && !this.isComplete;
  }

  /** Tells how far it is. @param isDraining whether nothing more will be sent. */
  update(isDraining: boolean): void {
    if (isDraining && this.#sending.length === 0) this.events.acknowledged();
    if (this.isComplete && !this.#receiver.buffer.readable) this.events.peerFinished();
  }

  /**
   * When a peer that has left is gone; undefined while it is there. What it sent last may have been overtaken; and while something waits for
   * its ack, it may linger, and still take that.
   */
  get goneAt(): number | undefined {
    const { length } = this.#sending;
    if (this.leftAt === undefined || this.#refusal > 0 || (this.isComplete && length === 0)) return this.leftAt;
    return (this.leftAt + (length === 0 ? this.#rtt.rto : LINGERING * this.#rtt.rto)) | 0;
  }

  /** Why the conversation has failed that has ended by words of the peer's; undefined if it has ended well. */
  failure(conv: number): RxkcpError | undefined {
    if (this.#refusal === 0) return this.isComplete ? undefined : new PeerLeftError(conv);
    return this.#refusal === FULL ? new ServerFullError(conv) : new ServerClosingError(conv);
  }

  /**
   * Whether a flush is to say something. What the peer does not know yet goes along with every flush, for the next may be the last; what
   * this end knows, if the flush says anything else.
   */
  isDue(isAny: boolean): boolean {
    return this.#answer > 0 || this.nextAt !== undefined || (isAny && this.#saying > 0);
  }

  /** Writes a WINS with what there is to say. */
  write(writer: PacketWriter, now: number): void {
    const words = this.#saying | this.#answer;
    const { dataAt, dataTs } = this.#receiver;
    if (dataAt === undefined) writer.control(WINS, words | BY_OWN_CLOCK, this.#sending.end, now);
    else writer.control(WINS, words, this.#sending.end, dataTs);
    this.#answer = 0;
    // A peer that has not understood by the time that this end leaves will not.
    const isVain = (words & LEFT) !== 0 && !this.isUnderstood;
    const isOver = isVain || this.isKnown || ++this.#repeats > REPEATS_MAX;
    this.#nextAt = isOver ? undefined : (now + this.#rtt.rto) | 0;
  }

  /** Takes the words of the WINS at `offset` of `packet`, which has come at `now`. Returns whether they want an answer. */
  hear(packet: Uint8Array, offset: number, now: number): boolean {
    const words = packet[offset + FRG_OFFSET] as number;
    const sn = readInt32(packet, offset + SN_OFFSET);
    if (!this.#isProven(words, readInt32(packet, offset + TS_OFFSET), now)) return false;
    if (!this.#hasPeer) this.#refusal = words & (FULL | CLOSING);
    this.isUnderstood = true;
    this.#known |= words >> KNOWN;
    if (this.isKnown) this.#nextAt = undefined;
    const ends = words & (FINISHED | LEFT);
    if (ends > 0 && serialDiff(sn, this.#receiver.buffer.nxt) >= 0 && (this.peerEnd ?? sn) === sn) {
      this.peerEnd = sn;
      this.#answer = ~words & ANSWER;
      if ((ends & LEFT) !== 0) this.leftAt ??= now;
    }
    if (this.#refusal > 0) this.leftAt ??= now;
    return this.#answer > 0;
  }

  /** Whether the peer has taken up the conversation: it has sent or acknowledged something. */
  get #hasPeer(): boolean {
    return this.isUnderstood || this.#receiver.dataAt !== undefined || this.#sending.confirmed !== undefined;
  }

  /** What was said, and what the peer is to know of. That it has left, not before it has acknowledged everything: until then it lingers. */
  get #saying(): number {
    if (this.peerEnd === undefined) return this.#words;
    const isFree = this.leftAt !== undefined && this.#sending.length === 0;
    return this.#words | ((isFree ? FINISHED | LEFT : FINISHED) << KNOWN);
  }

  /** Whether `ts` is one that only the peer knows. */
  #isProven(words: number, ts: number, now: number): boolean {
    if ((words & BY_OWN_CLOCK) === 0) return isReached(ts, this.#begunAt) && isReached(now, ts);
    const { dataAt, dataTs } = this.#receiver;
    return dataAt !== undefined && Math.abs(serialDiff(ts, dataTs) - serialDiff(now, dataAt)) <= ERROR_MAX;
  }
}
