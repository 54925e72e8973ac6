// Those who wait for the send window to reach what they handed over.

import { serialDiff } from '../core/kcp/serial.ts';
import { Fifo } from '../rx/fifo.ts';
import { callSafely } from '../rx/report.ts';

interface Waiter {
  /** The first segment of what was handed over. */
  readonly sn: number;
  readonly taken: () => void;
  readonly failed: (error: unknown) => void;
}

export class WindowWaiters {
  /** In order of sn, and so of time. */
  readonly #waiters = new Fifo<Waiter>();
  #limit = 0;
  #isNotifying = false;

  /** Calls `taken` when segment `sn` comes into the window, `failed` when that cannot be any more. */
  add(sn: number, taken: () => void, failed: (error: unknown) => void): void {
    this.#waiters.push({ sn, taken, failed });
  }

  /** The window now ends before `limit`. Who adds a waiter while another is called is next in turn: calls do not nest. */
  notify(limit: number): void {
    this.#limit = limit;
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    while (this.#waiters.first && serialDiff(this.#waiters.first.sn, this.#limit) < 0) {
      callSafely((this.#waiters.shift() as Waiter).taken);
    }
    this.#isNotifying = false;
  }

  fail(error: unknown): void {
    while (this.#waiters.first) callSafely((this.#waiters.shift() as Waiter).failed, error);
  }
}
