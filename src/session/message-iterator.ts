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
  /** A failure nobody has been told of. */
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
      if (this.#failure !== undefined) {
        reject(this.#failure.error);
        this.#failure = undefined;
      } else if (this.#ended) {
        resolve({ done: true, value: undefined });
      } else {
        this.#pulls.push({ resolve, reject });
        this.#open();
      }
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
    if (this.#pulls.length === 0) this.#shut();
    pull?.resolve({ done: false, value });
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    const [first, ...others] = this.#pulls.splice(0);
    if (failure === undefined) first?.resolve({ done: true, value: undefined });
    else if (first === undefined) this.#failure = failure;
    else first.reject(failure.error);
    for (const pull of others) pull.resolve({ done: true, value: undefined });
    this.#open();
  }

  #shut(): void {
    if (this.#holding || this.#ended) return;
    this.#holding = true;
    this.#gate.hold();
  }

  #open(): void {
    if (!this.#holding) return;
    this.#holding = false;
    this.#gate.release();
  }
}
