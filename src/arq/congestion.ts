// Whether the send window is full, as a stream of changes.

import { Observable } from 'rxjs';
import { EventQueue } from '../rx/event-queue.ts';
import type { Arq } from './types.ts';

export class Congestion {
  /** The value now, then each change; completes when the conversation ends. */
  readonly changes$: Observable<boolean>;
  readonly #arq: Pick<Arq, 'congested'>;
  readonly #queue = new EventQueue<boolean>();
  #last: boolean;

  constructor(arq: Pick<Arq, 'congested'>, hasEnded: boolean) {
    this.#arq = arq;
    this.#last = arq.congested;
    const changes = this.#queue.events$;
    this.changes$ = new Observable((subscriber) => {
      let last = this.#last;
      // First, for a listener may send with the first value. Whoever comes after the end gets that, and no value.
      subscriber.add(
        changes.subscribe({
          next: (value) => {
            // A change that waited for its turn may be older than the first value.
            if (value === last) return;
            last = value;
            subscriber.next(value);
          },
          complete: () => subscriber.complete(),
        }),
      );
      subscriber.next(last);
    });
    if (hasEnded) this.end();
  }

  /** Something may have changed it. */
  update(): void {
    // A listener may send, and so change it again.
    while (this.#arq.congested !== this.#last) {
      this.#last = !this.#last;
      this.#queue.next(this.#last);
    }
  }

  end(): void {
    this.#queue.complete();
  }
}
