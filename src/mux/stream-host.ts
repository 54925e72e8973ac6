// What a stream needs: its session, and whether it has a reader.

import type { MuxSession } from '../core/mux/mux-session.ts';

/** What a stream needs of the session that it belongs to. */
export interface StreamHost {
  readonly session: MuxSession;
  readonly sendQueueBytes: number;
  readonly allowHalfOpen: boolean;
  /** Whether what is written is copied before `pump` returns. */
  readonly copies: boolean;
  now(): number;
  /** Sends what there is room for. */
  pump(): void;
  /** Calls `settle` once what has left is with the connection. */
  sent(settle: () => void): void;
}

/** Whether to deliver, as `Demand` says. */
export class Flow {
  isPaused = true;
  deliver = (): void => {};

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.deliver();
  }
}
