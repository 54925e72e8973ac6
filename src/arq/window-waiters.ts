// Those who wait for the send window to reach what they handed over.

import { serialDiff } from '../core/kcp/serial.ts';
import { callSafely } from '../rx/report.ts';

interface Waiter {
  /** The first segment of what was handed over. */
  readonly sn: number;
  readonly taken: () => void;
  readonly failed: (error: unknown) => void;
}

export class WindowWaiters {
  /** In order of sn, and so of time. */
  #waiters: Waiter[] = [];

  /** Calls `taken` when segment `sn` comes into the window, `failed` when that cannot be any more. */
  add(sn: number, taken: () => void, failed: (error: unknown) => void): void {
    this.#waiters.push({ sn, taken, failed });
  }

  /** The window now ends before `limit`. */
  notify(limit: number): void {
    if (this.#waiters.length === 0) return;
    const waiting = this.#waiters.findIndex(({ sn }) => serialDiff(sn, limit) >= 0);
    if (waiting === 0) return;
    for (const { taken } of this.#waiters.splice(0, waiting < 0 ? this.#waiters.length : waiting)) callSafely(taken);
  }

  fail(error: unknown): void {
    for (const { failed } of this.#waiters.splice(0)) callSafely(() => failed(error));
  }
}
