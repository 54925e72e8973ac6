// NewReno: RFC 5681 and 6582, in packets.

import { type CongestionWindow, INITIAL_WINDOW, MIN_WINDOW } from './window.ts';

export class NewReno implements CongestionWindow {
  packets = INITIAL_WINDOW;
  #threshold = Infinity;

  acknowledged(packets: number): void {
    // Slow start counts what was acknowledged (RFC 5681, 3.1, and RFC 3465 with L = 2).
    if (this.packets < this.#threshold) this.packets += Math.min(packets, 2);
    else this.packets += packets / this.packets;
  }

  lost(inFlight: number): void {
    this.#threshold = Math.max(inFlight / 2, MIN_WINDOW);
    this.packets = this.#threshold;
  }

  timedOut(inFlight: number): void {
    this.lost(inFlight);
    this.packets = 1;
  }
}
