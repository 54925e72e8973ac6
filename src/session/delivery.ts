// What the pipeline delivers to a session.

import { processCounters } from '../counters/process.ts';
import type { Observer } from '../rx/rxjs.ts';

/** A session, as far as delivery looks at it. */
interface Recipient {
  readonly closed: boolean;
  /** Whether its end, if that is an error, is one to whoever reads. */
  readonly isFailure: boolean;
  readonly messages: Observer<Uint8Array>;
}

/** Delivers to a session. A class rather than three functions, for a server has many sessions. */
export class Delivery implements Observer<Uint8Array> {
  readonly #session: Recipient;

  constructor(session: Recipient) {
    this.#session = session;
  }

  next(message: Uint8Array): void {
    // What is read after the end is not in the totals that were made then.
    if (this.#session.closed) processCounters().BytesReceived += message.length;
    this.#session.messages.next(message);
  }

  error(error: unknown): void {
    if (this.#session.isFailure) this.#session.messages.error(error);
    else this.complete();
  }

  complete(): void {
    this.#session.messages.complete();
  }
}
