// Asking a peer whether it is there, and has room. Where its window is closed (kcp-go kcp.go, flush phase 2), or, which kcp-go
// does not look at, where data waits, nothing is in flight, and nothing may be sent: every word about the window was lost. And where the
// peer is silent: a probe is short, so it passes where large datagrams do not, and every KCP peer answers it.

import { earliest, isReached } from './serial.ts';

/** First wait before a probe, ms (IKCP_PROBE_INIT). */
export const PROBE_INIT = 500;
/** Longest wait, ms (IKCP_PROBE_LIMIT). */
export const PROBE_LIMIT = 120_000;
/** ms between probes that are not answered: an RTO, within these bounds. */
const RETRY_MIN = 300;
const RETRY_MAX = 1000;
/** … and while messages have segments repeated, which tell the same unless only what is short passes. */
const RETRY_SPARED = 2000;
/** Unanswered probes that come as often all the same: one who was restarted answers nothing else. */
const RETRIES_FIRST = 6;
/** Unanswered probes after which the time between them grows. */
const RETRIES_DENSE = 100;

export class WindowProbe {
  /** ms between probes that are answered; 0 while nothing keeps us from sending. */
  #wait = 0;
  #dueAt = 0;
  /** ms between probes that are not answered, and when the next of them is due; undefined while an answer has come. */
  #retryWait = 0;
  #retryAt: number | undefined;
  #retries = 0;
  /** Whether a segment was repeated since the last probe. */
  spared = false;

  /** The peer was heard. */
  heard(): void {
    this.#retryAt = undefined;
    this.#retries = 0;
    this.spared = false;
  }

  /**
   * When `check` has something to do next (int32 clock); undefined is never.
   *
   * @param isBlocked whether the peer's window keeps us from sending. @param isSilent whether the peer seems gone.
   * @param nextFlush when the next flush is, for what is to be begun.
   */
  nextAt(isBlocked: boolean, isSilent: boolean, nextFlush: number): number | undefined {
    if ((isBlocked && this.#wait === 0) || (isSilent && this.#retryAt === undefined)) return nextFlush;
    if (!isBlocked && !isSilent) return undefined;
    return earliest(isBlocked ? this.#dueAt : undefined, this.#retryAt);
  }

  /** A flush in which nothing is due. For the parameters see `nextAt`. */
  passed(isBlocked: boolean, isSilent: boolean): void {
    if (isBlocked) return;
    this.#wait = 0;
    if (!isSilent) this.heard();
  }

  /** One flush at `now`. Returns whether a WASK is to be sent. For the parameters see `nextAt`; `rto` is the session's. */
  check(isBlocked: boolean, isSilent: boolean, now: number, rto: number): boolean {
    this.passed(isBlocked, isSilent);
    let asks = isReached(now, this.#retryAt);
    if (isBlocked && (this.#wait === 0 || isReached(now, this.#dueAt))) {
      asks ||= this.#wait > 0;
      this.#wait = this.#wait === 0 ? PROBE_INIT : longer(this.#wait);
      this.#dueAt = (now + this.#wait) | 0;
    }
    if (asks || (isSilent && this.#retryAt === undefined)) {
      const unanswered = this.#retries++;
      const isSpared = this.spared && unanswered >= RETRIES_FIRST;
      const dense = isSpared ? RETRY_SPARED : Math.min(Math.max(rto, RETRY_MIN), RETRY_MAX);
      this.#retryWait = unanswered < RETRIES_DENSE ? dense : longer(this.#retryWait);
      this.spared = false;
      this.#retryAt = (now + this.#retryWait) | 0;
    }
    return asks;
  }
}

/** The wait after one of `wait` ms. */
function longer(wait: number): number {
  return Math.min(wait + (wait >>> 1), PROBE_LIMIT);
}
