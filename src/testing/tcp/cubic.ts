// CUBIC: RFC 9438, in packets. Names of the RFC stand behind the fields.

import { type CongestionWindow, INITIAL_WINDOW, MIN_WINDOW } from './window.ts';

/** Packets per second cubed (4.1.2, C). */
const SCALE = 0.4;
/** What is left of the window after a loss (4.6, beta_cubic). */
const BETA = 0.7;
/** Growth per round trip that is as fast as Reno's with that (4.3, alpha_cubic). */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);

export class Cubic implements CongestionWindow {
  packets = INITIAL_WINDOW;
  #threshold = Infinity;
  /** Window at the last loss (W_max), at which the curve is flat. */
  #plateau = 0;
  /** Window before the last loss (cwnd_prior). */
  #before = 0;
  /** What Reno would have (W_est). */
  #reno = 0;
  /** When congestion avoidance began (t_epoch); undefined until the next acknowledgment. */
  #epoch: number | undefined;
  /** s from then on until the curve is at its plateau (K). */
  #rise = 0;

  acknowledged(packets: number, now: number, srtt: number): void {
    if (this.packets < this.#threshold) {
      this.packets += Math.min(packets, 2);
      return;
    }
    if (this.#epoch === undefined) this.#begin(now);
    const passed = (now - (this.#epoch ?? now)) / 1000;
    this.#reno += ((this.#reno >= this.#before ? 1 : ALPHA) * packets) / this.packets;
    if (this.#curve(passed) < this.#reno) {
      // 4.3: the Reno-friendly region.
      this.packets = Math.max(this.packets, this.#reno);
      return;
    }
    // 4.4 and 4.5.
    const target = Math.min(Math.max(this.#curve(passed + srtt / 1000), this.packets), 1.5 * this.packets);
    this.packets += ((target - this.packets) * packets) / this.packets;
  }

  lost(inFlight: number): void {
    // 4.7: fast convergence.
    this.#plateau = this.packets < this.#plateau ? (this.packets * (1 + BETA)) / 2 : this.packets;
    this.#before = this.packets;
    this.#threshold = Math.max(inFlight * BETA, MIN_WINDOW);
    this.packets = this.#threshold;
    this.#epoch = undefined;
  }

  timedOut(inFlight: number): void {
    this.lost(inFlight);
    // 4.8: the curve begins at its plateau after it.
    this.#plateau = 0;
    this.packets = 1;
  }

  #begin(now: number): void {
    this.#epoch = now;
    this.#reno = this.packets;
    this.#plateau = Math.max(this.#plateau, this.packets);
    this.#rise = Math.cbrt((this.#plateau - this.packets) / SCALE);
  }

  /** The window at a time since the epoch, s (4.2, W_cubic). */
  #curve(time: number): number {
    return SCALE * (time - this.#rise) ** 3 + this.#plateau;
  }
}
