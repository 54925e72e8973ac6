// Whether a session completes itself because its peer has finished.

/** A session's part in the end of its peer. */
export class Following {
  /** Whether the session completes because the peer has finished. */
  isUnderWay = false;
  #isHalfOpen: boolean;
  #isDue = false;
  /** Those who have something to send still. */
  #sending = 0;
  readonly #session: { readonly isCompleting: boolean; complete(): void };

  constructor(isHalfOpen: boolean, session: { readonly isCompleting: boolean; complete(): void }) {
    this.#isHalfOpen = isHalfOpen;
    this.#session = session;
  }

  /** What reads sees to it that the session ends when the peer has finished. */
  keepHalfOpen(): void {
    this.#isHalfOpen = true;
  }

  /** What waits for the send window is sent even if the peer has finished, until the function returned is called. */
  keepSending(): () => void {
    this.#sending++;
    return () => {
      this.#sending--;
      this.#follow();
    };
  }

  /** The peer has finished, and all that it sent was read. */
  peerFinished(): void {
    this.#isDue = true;
    this.#follow();
  }

  #follow(): void {
    if (!this.#isDue || this.#isHalfOpen || this.#sending > 0 || this.#session.isCompleting) return;
    this.isUnderWay = true;
    this.#session.complete();
  }
}
