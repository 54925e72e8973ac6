// Pulling from a session: it delivers only while someone waits for a message, so nothing piles up here.

import type { Observable, Subscription } from 'rxjs';

/** Stops and restarts the delivery of what the iterator reads from. */
export interface Gate {
  hold(): void;
  release(): void;
}

interface Pull {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void;
  readonly reject: (error: unknown) => void;
}

/** An async iterator over messages. */
export class MessageIterator implements AsyncIterableIterator<Uint8Array> {
  readonly #gate: Gate;
  readonly #subscription: Subscription;
  readonly #pulls: Pull[] = [];
  #holding = true;
  #ended = false;
  /** A failure that was not reported yet. */
  #failure: { readonly error: unknown } | undefined;

  constructor(messages: Observable<Uint8Array>, gate: Gate) {
    this.#gate = gate;
    gate.hold();
    this.#subscription = messages.subscribe({
      next: (value) => this.#take(value),
      error: (error) => this.#end({ error }),
      complete: () => this.#end(undefined),
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next message; `done` after the session completed. Rejects once with the error of one that failed. */
  next(): Promise<IteratorResult<Uint8Array>> {
    return new Promise((resolve, reject) => {
      this.#pulls.push({ resolve, reject });
      if (this.#ended) this.#answerAll();
      else this.#setHolding(false);
    });
  }

  /** Stops reading. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#subscription.unsubscribe();
    this.#end(undefined);
    return Promise.resolve({ done: true, value: undefined });
  }

  #take(value: Uint8Array): void {
    const pull = this.#pulls.shift();
    if (this.#pulls.length === 0) this.#setHolding(true);
    pull?.resolve({ done: false, value });
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#answerAll();
    this.#setHolding(false);
  }

  /** After the end: tells the failure to the first who asks, and all others that there is nothing left. */
  #answerAll(): void {
    for (const { resolve, reject } of this.#pulls.splice(0)) {
      if (this.#failure) reject(this.#failure.error);
      else resolve({ done: true, value: undefined });
      this.#failure = undefined;
    }
  }

  #setHolding(holding: boolean): void {
    if (holding === this.#holding) return;
    this.#holding = holding;
    if (holding) this.#gate.hold();
    else this.#gate.release();
  }
}
