// When a control block has something to do next: at which flush of kcp-go's grid, and which of those flushes would find nothing.

import { FlushGrid } from './flush-grid.ts';
import type { Flusher } from './flusher.ts';
import type { Receiver } from './receiver.ts';
import type { SendBuffer } from './send-buffer.ts';
import { serialDiff } from './serial.ts';

export class Agenda {
  readonly #grid: FlushGrid;
  readonly #flusher: Flusher;
  readonly #receiver: Receiver;
  readonly #sending: SendBuffer;

  constructor(flusher: Flusher, receiver: Receiver, sending: SendBuffer, interval: number, now: number) {
    this.#flusher = flusher;
    this.#receiver = receiver;
    this.#sending = sending;
    this.#grid = new FlushGrid(interval, now);
  }

  /** ms between flushes. */
  set interval(interval: number) {
    this.#grid.interval = interval;
  }

  /** A full flush was made at `now`. */
  flushed(now: number): void {
    this.#grid.flushed(now, this.#flusher.losses.nextDue(this.#sending)?.deadline);
  }

  /** When the next flush that finds something to do is due, liveness aside (int32 clock); undefined when none is. */
  next(): number | undefined {
    const { losses, probe, isAwaited, isBlocked } = this.#flusher;
    if (isAwaited) return this.#grid.next;
    const probeAt = probe.nextAt(isBlocked, losses.isSilent);
    if (probeAt === 'soon') return this.#grid.next;
    const timed = earliest(earliest(probeAt, this.#receiver.news.nextAt), losses.repeatAt);
    const at = this.#nextRetransmission();
    return timed === undefined ? at : earliest(at, this.#grid.firstAfter(timed));
  }

  /** Whether a flush of the grid should have been by now. */
  isBehind(now: number): boolean {
    const ahead = serialDiff(this.#grid.next, now);
    if (ahead > this.#grid.interval) this.#grid.restart(now);
    return ahead <= 0;
  }

  /** Passes over the flushes up to `now`, if they would have had nothing to do. */
  skipIdleFlushes(now: number): void {
    const due = this.next();
    if (due !== undefined && serialDiff(now, due) >= 0) return;
    const { losses, probe, isBlocked } = this.#flusher;
    this.#grid.skipTo(now, this.#flusher.losses.nextDue(this.#sending)?.deadline);
    probe.passed(isBlocked, losses.isSilent);
  }

  #nextRetransmission(): number | undefined {
    const segment = this.#flusher.losses.nextDue(this.#sending);
    if (segment === undefined) return undefined;
    const at = this.#flusher.losses.noticedAt(segment.deadline);
    return serialDiff(at, this.#grid.next) < 0 ? this.#grid.next : at;
  }
}

/** The earlier of two clock readings; undefined is later than any. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return serialDiff(a, b) <= 0 ? a : b;
}
