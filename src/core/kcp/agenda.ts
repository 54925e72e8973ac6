// When a control block has something to do next: at which flush of kcp-go's grid, and which of those flushes would find nothing.

import { FlushGrid } from './flush-grid.ts';
import type { LossDetection } from './loss-detection.ts';
import type { SendBuffer } from './send-buffer.ts';
import { serialDiff } from './serial.ts';
import type { WindowProbe } from './window-probe.ts';

export class Agenda {
  readonly #grid: FlushGrid;
  readonly #losses: LossDetection;
  readonly #probe: WindowProbe;
  readonly #sending: SendBuffer;

  constructor(losses: LossDetection, probe: WindowProbe, sending: SendBuffer, interval: number, now: number) {
    this.#losses = losses;
    this.#probe = probe;
    this.#sending = sending;
    this.#grid = new FlushGrid(interval, now);
  }

  /** ms between flushes. */
  set interval(interval: number) {
    this.#grid.interval = interval;
  }

  /** A full flush was made at `now`. */
  flushed(now: number): void {
    this.#grid.flushed(now, this.#sending.nextDue?.deadline);
  }

  /**
   * When the next flush that finds something to do is due, liveness aside (int32 clock); undefined when none is.
   *
   * @param waits whether something waits for the next flush. @param remoteWindow the peer's free window.
   */
  next(waits: boolean, remoteWindow: number): number | undefined {
    const at = waits ? this.#grid.next : this.#nextRetransmission();
    if (remoteWindow > 0) return at;
    return earliest(at, this.#probe.wait === 0 ? this.#grid.next : this.#grid.firstAfter(this.#probe.dueAt));
  }

  /** Whether a flush of the grid should have been by now. */
  isBehind(now: number): boolean {
    const ahead = serialDiff(this.#grid.next, now);
    if (ahead > this.#grid.interval) this.#grid.restart(now);
    return ahead <= 0;
  }

  /** Passes over the flushes up to `now`, if they would have had nothing to do. For the parameters see `next`. */
  skipIdleFlushes(now: number, waits: boolean, remoteWindow: number): void {
    const due = this.next(waits, remoteWindow);
    if (due !== undefined && serialDiff(now, due) >= 0) return;
    this.#grid.skipTo(now, this.#sending.nextDue?.deadline);
    if (remoteWindow > 0) this.#probe.check(remoteWindow, now);
  }

  #nextRetransmission(): number | undefined {
    const segment = this.#losses.nextDue(this.#sending);
    if (segment === undefined) return undefined;
    const at = this.#losses.noticedAt(segment.deadline);
    return serialDiff(at, this.#grid.next) < 0 ? this.#grid.next : at;
  }
}

/** The earlier of two clock readings; undefined is later than any. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return serialDiff(a, b) <= 0 ? a : b;
}
