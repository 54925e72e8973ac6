// CUBIC (RFC 9438): after a loss the window grows back fast, lingers where it was lost, and goes on. With pacing, and an end of slow start by
// delay (after RFC 9406).

import type { Acked, Controller, ControllerStart, Lost, Spurious } from './controller.ts';

/** RFC 9438, section 5.1. */
const C = 0.4;
/** Section 4.6: what is left of the window after a loss. */
const BETA = 0.7;
/** Section 4.3: segments a round trip, so that it is as fast as Reno where that is faster. */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);
/** Datagrams of the first window (RFC 6928), and of the smallest. */
const WINDOW_FIRST = 10;
const WINDOW_MIN = 2;
/** How much faster than a window each round trip is sent: while the window doubles, and after that. */
const PACE_STARTING = 2;
const PACE = 1.2;
/** By which part of it the round-trip time grows before slow start ends, and the least and the most of that, ms (RFC 9406, section 4.3). */
const GROWTH_PART = 8;
const GROWTH_MIN = 4;
const GROWTH_MAX = 16;
/** Round-trip samples of a round before its least one counts. */
const SAMPLES_MIN = 8;

/** What stands as before, if a loss turns out to be none. */
interface Undo {
  readonly window: number;
  readonly threshold: number;
  readonly most: number;
  /** Bytes taken for lost. */
  bytes: number;
}

class Cubic implements Controller {
  window: number;
  threshold = Infinity;
  pacingRate = Infinity;
  #mtu: number;
  /** Smoothed round-trip time, ms; 0 before the first sample. */
  #srtt = 0;
  /** Window before the last loss, segments. */
  #most = 0;
  /** When growth began after it, ms; undefined until something arrives. */
  #epoch: number | undefined;
  /** s until the window is what it was. */
  #k = 0;
  /** The window that Reno would have, segments. */
  #reno = 0;
  /** What left before that was lost before the reaction to an earlier loss could show, ms. */
  #recoveryFrom = -Infinity;
  #undo: Undo | undefined;
  #roundMin = Infinity;
  #roundMinBefore = Infinity;
  #roundSamples = 0;

  constructor({ mtu }: ControllerStart, window = WINDOW_FIRST * mtu, isStarting = true) {
    this.#mtu = mtu;
    this.window = window;
    if (!isStarting) this.threshold = window;
  }

  onMtu(mtu: number): void {
    this.#mtu = mtu;
  }

  onAcked({ now, bytes, rtt, isAppLimited, isRoundOver, inFlight }: Acked): void {
    if (rtt !== undefined) this.#measure(rtt);
    if (isRoundOver) this.#endRound();
    const isUsed = !isAppLimited && inFlight + bytes + 2 * this.#mtu >= this.window / 2;
    if (isUsed) {
      if (this.window < this.threshold) this.window += bytes;
      else this.#grow(now, bytes);
    } else {
      // Time without data is none in which the window grows.
      this.#epoch = undefined;
    }
    this.#pace();
  }

  onLost({ now, bytes, sentAt, isTimeout }: Lost): void {
    if (sentAt < this.#recoveryFrom) {
      if (this.#undo) this.#undo.bytes += bytes;
      return;
    }
    this.#recoveryFrom = now;
    this.#undo = { window: this.window, threshold: this.threshold, most: this.#most, bytes };
    const window = this.window / this.#mtu;
    // Who does not get as far as before makes room for others (section 4.7).
    this.#most = window < this.#most ? (window * (1 + BETA)) / 2 : window;
    this.window = this.threshold = Math.max(this.window * BETA, WINDOW_MIN * this.#mtu);
    // Nothing came back that could have told: the acks of the whole window are missing.
    if (isTimeout && this.#srtt === 0) this.window = WINDOW_MIN * this.#mtu;
    this.#epoch = undefined;
    this.#pace();
  }

  onSpurious({ bytes }: Spurious): void {
    const undo = this.#undo;
    if (!undo) return;
    undo.bytes -= bytes;
    if (undo.bytes > 0) return;
    this.#undo = undefined;
    this.window = Math.max(this.window, undo.window);
    this.threshold = undo.threshold;
    this.#most = undo.most;
    this.#epoch = undefined;
    this.#pace();
  }

  /** Sections 4.2 to 4.5. */
  #grow(now: number, bytes: number): void {
    const window = this.window / this.#mtu;
    if (this.#epoch === undefined) {
      this.#epoch = now;
      this.#most = Math.max(this.#most, window);
      this.#k = Math.cbrt((this.#most - window) / C);
      this.#reno = window;
    }
    const acked = bytes / this.#mtu;
    const t = (now - this.#epoch + this.#srtt) / 1000;
    const wanted = this.#most + C * (t - this.#k) ** 3;
    const target = Math.min(Math.max(wanted, window), 1.5 * window);
    this.#reno += ((this.#reno < this.#most ? ALPHA : 1) * acked) / window;
    this.window =
      this.#mtu * Math.max(window + ((target - window) / window) * acked, Math.min(this.#reno, window + acked));
  }

  #measure(rtt: number): void {
    this.#srtt += (rtt - this.#srtt) / (this.#srtt === 0 ? 1 : 8);
    this.#roundMin = Math.min(this.#roundMin, rtt);
    this.#roundSamples++;
    if (this.window >= this.threshold || this.#roundSamples < SAMPLES_MIN) return;
    const growth = Math.min(Math.max(this.#roundMinBefore / GROWTH_PART, GROWTH_MIN), GROWTH_MAX);
    if (this.#roundMin >= this.#roundMinBefore + growth) this.threshold = this.window;
  }

  #endRound(): void {
    this.#roundMinBefore = this.#roundMin;
    this.#roundMin = Infinity;
    this.#roundSamples = 0;
  }

  #pace(): void {
    if (this.#srtt === 0) return;
    const gain = this.window < this.threshold ? PACE_STARTING : PACE;
    this.pacingRate = (gain * this.window * 1000) / Math.max(this.#srtt, 1);
  }
}

/**
 * CUBIC, the congestion control of most TCP (RFC 9438): shares a line with TCP as TCP does. Each loss counts as congestion: where packets are
 * lost at random it is slow.
 */
export function cubic(start: ControllerStart): Controller {
  return new Cubic(start);
}

/** CUBIC that goes on with a window of so many bytes, without slow start. */
export function cubicFrom(start: ControllerStart, window: number): Controller {
  return new Cubic(start, window, false);
}
