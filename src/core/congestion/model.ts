// `model`: how long is the queue, and is it ours?
//
//   starting ──► alone ◄──────► sharing
//
//   starting  The window doubles each round trip, until a queue grows or nothing more arrives.
//   alone     The window is led to where the queue is a few ms long: the longer, the slower this end is. It grows by as much for all that
//             share the line, and shrinks by the same share of each, so that they become equal (D. Chiu, R. Jain, 1989; the target that
//             falls with the root of the rate, and steps that double while no queue answers, are after Copa: V. Arun, H. Balakrishnan, NSDI
//             2018). What is lost is sent again, and changes nothing: a queue that is too long shows in the delay.
//   sharing   A queue that stays although this end has given way is another flow's: CUBIC's, say, which grows until it overflows. Next to
//             it, only CUBIC gets a fair share; so this is CUBIC until the queue is found empty.
//
// The delay without a queue is the least of 10 s. Where it was not seen for a while, the window is lowered for a moment, and shows it.

import type { Acked, Controller, ControllerStart, Lost, Sent, Spurious } from './controller.ts';
import { cubicFrom } from './cubic.ts';
import { WindowedMin } from './windowed.ts';

/** Datagrams of the first window (RFC 6928), and of the smallest. */
const WINDOW_FIRST = 10;
const WINDOW_MIN = 2;
/** The queue that is wanted: this times the root of (s of delay ÷ packets per second), s; */
const QUEUE = 0.63;
/** … no more than that part of the delay, however slow the line is; */
const QUEUE_PART = 0.15;
/** … and, ms, what bursts make that leave by timers of a ms. */
const QUEUE_BURSTS = 1.5;
/** What the delay without a queue is the least of, ms. */
const BASE_SPAN = 10_000;
/** … and while another's queue hides it. */
const BASE_SPAN_SHARING = 60_000;
/** Round trips of which the highest delivery rate counts. */
const RATE_ROUNDS = 30;
/** By how much the window may be above what the delivery rate fills: who sends into a limit without a queue loses a third, not all but one. */
const OVER_RATE = 1.5;
/** How much faster than a window each round trip is sent. */
const PACE_STARTING = 2;
const PACE = 1.25;
/** When the queue is too long, that part of what now arrives in a delay without one is still sent: the queue drains. */
const LEFT = 0.9;
/** A queue longer than that part of the delay without one is too long to be led away by steps. */
const LONG_PART = 0.5;
/** Least gaps between two answers for which one may have been held back. */
const HELD_GAPS = 1;
/** Slow start ends when the delay has grown by that part of it, and at least by so many ms; */
const START_DELAY_PART = 1 / 16;
const START_DELAY_MIN = 2;
/** … or when the delivery rate has not grown by that factor for so many rounds. */
const START_GROWTH = 1.25;
const START_ROUNDS = 3;
/** Round trips in a row in which the window goes the same way, and no queue answers, before the steps double. */
const STEADY_ROUNDS = 2;
/** A queue is another's if it was so many times too long when that share of a round was acknowledged, in so many of the last so many rounds. */
const FOREIGN_FACTOR = 1.25;
const FOREIGN_SHARE = 0.9;
const FOREIGN_ROUNDS = 19;
const ROUNDS_KEPT = 20;
/** After so many ms without the delay of an empty queue it is looked for: while alone; while sharing, at first, and twice as many each time. */
const LOOK_EVERY = 8_000;
const LOOK_FIRST = 1_000;
/** … by a window of that part of what the path holds, */
const LOOK_WINDOW = 0.5;
/** … and the queue counts as empty within that part of the delay, and so many ms. */
const EMPTY_PART = 1 / 20;
const EMPTY_MIN = 1;

class Model implements Controller {
  pacingRate = Infinity;
  readonly threshold = 0;
  #window: number;
  #mtu: number;
  #state: 'starting' | 'alone' | 'sharing' = 'starting';
  /** While sharing. */
  #cubic: Controller | undefined;
  #srtt = 0;
  /** Delay without a queue; lately; by time. */
  readonly #base = new WindowedMin(BASE_SPAN);
  readonly #standing = new WindowedMin(0);
  /** Delivery rate, negative, by round. */
  readonly #rates = new WindowedMin(RATE_ROUNDS);
  /** The same on average, of about a round trip without a queue. */
  #recent = 0;
  #round = 0;
  /** ms from one acknowledgement to the next. */
  #gap = 50;
  /** The same when it was least: no answer is held back much longer. */
  readonly #gaps = new WindowedMin(BASE_SPAN);
  #ackedAt: number | undefined;
  /** Of slow start: the highest rate, and for how many rounds it is that. */
  #startRate = 0;
  #startRounds = 0;
  /** Of the law: the factor of the steps, where the window was a round ago, where it went, and for how many rounds. */
  #velocity = 1;
  #windowBefore = 0;
  #way = 0;
  #steady = 0;
  /** Bytes acknowledged in this round, and those of them while the queue was too long; of which rounds before that was most. */
  #ackedBytes = 0;
  #longBytes = 0;
  #longRounds: boolean[] = [];
  /** When the queue was last looked at, and how often it is; until when it is; the least delay seen meanwhile. */
  #lookedAt: number;
  #lookEvery = LOOK_EVERY;
  #lookUntil: number | undefined;
  #looked = Infinity;

  constructor({ now, mtu }: ControllerStart) {
    this.#mtu = mtu;
    this.#window = WINDOW_FIRST * mtu;
    this.#lookedAt = now;
  }

  get window(): number {
    const window = this.#cubic?.window ?? this.#window;
    return this.#lookUntil === undefined ? window : Math.min(window, LOOK_WINDOW * this.#pipe);
  }

  onMtu(mtu: number): void {
    this.#mtu = mtu;
    this.#cubic?.onMtu?.(mtu);
  }

  onSent(sent: Sent): void {
    this.#cubic?.onSent?.(sent);
  }

  onLost(lost: Lost): void {
    this.#cubic?.onLost(lost);
    this.#pace();
  }

  onSpurious(spurious: Spurious): void {
    this.#cubic?.onSpurious?.(spurious);
  }

  onAcked(acked: Acked): void {
    const { now, bytes, rtt, held, rate, isAppLimited, isRoundOver } = acked;
    if (rate !== undefined && (!isAppLimited || rate > this.#rate)) {
      this.#rates.add(this.#round, -rate);
      const part = this.#recent === 0 ? 1 : (now - (this.#ackedAt ?? now)) / (this.#base.value + this.#gap);
      this.#recent += (rate - this.#recent) * Math.min(part, 1);
    }
    this.#measureGap(now);
    if (rtt !== undefined) this.#measure(now, rtt, held);
    this.#cubic?.onAcked(acked);
    if (this.#srtt > 0) {
      if (this.#state === 'starting') this.#start(bytes, isAppLimited);
      else if (this.#state === 'alone') this.#lead(bytes, isAppLimited);
      this.#look(now);
      if (isRoundOver) this.#endRound(acked);
    }
    this.#pace();
  }

  /** Bytes per second that arrive, at best. */
  get #rate(): number {
    const { value } = this.#rates;
    return value === Infinity ? 0 : -value;
  }

  /** Bytes that the path holds without a queue. */
  get #pipe(): number {
    return Math.max((this.#rate * this.#delay) / 1000, WINDOW_MIN * this.#mtu);
  }

  /** ms by which acks that come less often than every half round trip have the window leave in bursts, which queue. */
  get #clumps(): number {
    return Math.max(this.#gaps.value - this.#base.value / 2, 0);
  }

  /** ms from a segment to its ack, without a queue of others. */
  get #delay(): number {
    return this.#base.value + this.#clumps;
  }

  /** ms of queue. */
  get #queue(): number {
    return Math.max(this.#standing.value - this.#base.value, 0);
  }

  /** ms of queue that are wanted at `rate`, bytes per second. */
  #wantedQueue(rate: number): number {
    const base = this.#base.value;
    const law = (QUEUE * Math.sqrt(base / 1000) * 1000) / Math.sqrt(Math.max(rate / this.#mtu, 1));
    return QUEUE_BURSTS + this.#clumps + law / (1 + law / (QUEUE_PART * base));
  }

  #measureGap(now: number): void {
    if (this.#ackedAt !== undefined && now > this.#ackedAt)
      this.#gap += (Math.min(now - this.#ackedAt, 100) - this.#gap) / 8;
    this.#ackedAt = now;
    this.#gaps.add(now, this.#gap);
  }

  #measure(now: number, rtt: number, held: number): void {
    this.#srtt += (rtt - this.#srtt) / (this.#srtt === 0 ? 1 : 8);
    this.#base.add(now, rtt);
    // Half a round trip, or what is long enough for an ack that was not held back.
    this.#standing.span = Math.max(this.#srtt / 2, 2 * this.#gap);
    const delay = Math.max(rtt - Math.min(held, HELD_GAPS * this.#gaps.value), this.#base.value);
    this.#standing.add(now, delay);
    this.#looked = Math.min(this.#looked, rtt);
  }

  #isEmpty(delay: number): boolean {
    const base = this.#base.value;
    return delay <= base + Math.max(base * EMPTY_PART, EMPTY_MIN);
  }

  /** Slow start. */
  #start(bytes: number, isAppLimited: boolean): void {
    if (!isAppLimited) this.#window += bytes;
    const base = this.#base.value;
    if (this.#queue > Math.max(base * START_DELAY_PART, START_DELAY_MIN, this.#wantedQueue(this.#rate)))
      this.#beAlone();
  }

  /** The line is full: the queue of slow start drains. */
  #beAlone(): void {
    this.#state = 'alone';
    this.#window = this.#pipe;
    this.#velocity = 1;
    this.#way = this.#steady = 0;
    this.#windowBefore = this.#window;
    this.#longRounds = [];
    this.#lookEvery = LOOK_EVERY;
    this.#base.span = BASE_SPAN;
  }

  /** One step of the law, for so many bytes acknowledged. */
  #lead(bytes: number, isAppLimited: boolean): void {
    const delay = this.#standing.value;
    const wanted = this.#wantedQueue((this.#window * 1000) / Math.max(delay, 1));
    // Up by as much for all, down by the same share of each: so shares become equal.
    const up = Math.min((this.#velocity * this.#mtu) / this.#window, 0.5) * bytes;
    const down = (bytes * (this.#queue - wanted)) / delay;
    this.#ackedBytes += bytes;
    if (this.#queue > FOREIGN_FACTOR * (wanted - this.#clumps) + this.#clumps) this.#longBytes += bytes;
    const least = Math.min((LEFT * this.#recent * this.#delay) / 1000, this.#window);
    if (this.#queue > Math.max(wanted, LONG_PART * this.#delay)) this.#window = least;
    else if (this.#queue > wanted) this.#window = Math.max(this.#window - down, least);
    else if (!isAppLimited) this.#window += up;
    const most = OVER_RATE * Math.max((this.#rate * (delay + 2 * this.#gap)) / 1000, this.#pipe) + 2 * this.#mtu;
    this.#window = Math.max(Math.min(this.#window, most), WINDOW_MIN * this.#mtu);
  }

  #endRound(acked: Acked): void {
    this.#round++;
    if (this.#state === 'starting') {
      const isGrowing = this.#rate >= this.#startRate * START_GROWTH || acked.isAppLimited;
      this.#startRounds = isGrowing ? 0 : this.#startRounds + 1;
      if (isGrowing) this.#startRate = this.#rate;
      if (this.#startRounds >= START_ROUNDS) this.#beAlone();
    } else if (this.#state === 'alone') {
      this.#turn();
      this.#judge(acked.now);
    }
  }

  /** Which way the window went in this round, and how fast it goes on. */
  #turn(): void {
    const way = Math.sign(this.#window - this.#windowBefore);
    this.#steady = way === this.#way && way !== 0 ? this.#steady + 1 : 0;
    this.#velocity = this.#steady >= STEADY_ROUNDS && this.#queue < QUEUE_BURSTS ? this.#velocity * 2 : 1;
    this.#way = way;
    this.#windowBefore = this.#window;
  }

  /** Whose queue is it? One that stays, although this end gives way, is another's. */
  #judge(now: number): void {
    this.#longRounds.push(this.#longBytes > FOREIGN_SHARE * this.#ackedBytes);
    this.#ackedBytes = this.#longBytes = 0;
    if (this.#longRounds.length > ROUNDS_KEPT) this.#longRounds.shift();
    if (this.#longRounds.filter((isLong) => isLong).length < FOREIGN_ROUNDS) return;
    this.#state = 'sharing';
    // Half of what the line and its queue hold now: a fair share, if there is one other.
    const window = Math.max((this.#rate * this.#standing.value) / 2000, this.#window);
    this.#cubic = cubicFrom({ now, mtu: this.#mtu }, window);
    this.#lookedAt = now;
    this.#lookEvery = LOOK_FIRST;
    this.#base.span = BASE_SPAN_SHARING;
  }

  /** Looks for the delay of an empty queue, from time to time. */
  #look(now: number): void {
    if (this.#lookUntil === undefined) {
      // What was measured last as the delay without a queue stands for a while. While sharing it says nothing of the queue there is.
      const seenAt = this.#state === 'sharing' ? this.#lookedAt : Math.max(this.#lookedAt, this.#base.at);
      if (this.#state === 'starting' || now - seenAt < this.#lookEvery) return;
      this.#looked = Infinity;
      this.#lookUntil = now + this.#standing.value + this.#delay;
      return;
    }
    if (now < this.#lookUntil) return;
    this.#lookUntil = undefined;
    this.#lookedAt = now;
    this.#lookEvery = Math.min(2 * this.#lookEvery, LOOK_EVERY);
    if (this.#state === 'sharing' && this.#isEmpty(this.#looked)) {
      this.#cubic = undefined;
      this.#beAlone();
    }
  }

  #pace(): void {
    if (this.#srtt === 0) return;
    if (this.#cubic) {
      this.pacingRate = this.#cubic.pacingRate;
      return;
    }
    const gain = this.#state === 'starting' ? PACE_STARTING : PACE;
    const delay = Math.min(this.#standing.value, (1 + LONG_PART) * this.#delay);
    this.pacingRate = (gain * this.#window * 1000) / Math.max(delay, 1);
  }
}

/**
 * Controls congestion by a model of the path, its delay and its rate. It keeps a queue of a few packets, and shares the path with flows of its kind
 * at once. Next to flows that fill the queue, like TCP, it behaves like CUBIC. Loss alone is no congestion: at 20% random loss it keeps its
 * rate.
 */
export function model(start: ControllerStart): Controller {
  return new Model(start);
}
