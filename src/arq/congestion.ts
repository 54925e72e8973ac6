// Whether the send window is full, as a stream of changes.

import { distinctUntilChanged, Observable } from 'rxjs';
import { EventQueue } from '../rx/event-queue.ts';
import type { Arq } from './types.ts';

export class Congestion {
  /** The value now, then each change; completes when the conversation ends. */
  readonly changes$: Observable<boolean>;
  readonly #arq: Pick<Arq, 'congested'>;
  readonly #queue = new EventQueue<boolean>();
  #last: boolean;

  constructor(arq: Pick<Arq, 'congested'>) {
    this.#arq = arq;
    this.#last = arq.congested;
    this.changes$ = new Observable<boolean>((subscriber) => {
      const first = this.#last;
      // Before the first value, for a listener may send with that. Whoever comes after the end gets that, and no value.
      this.#queue.subscribe(subscriber);
      subscriber.next(first);
    }).pipe(
      // A change that waited for its turn may be older than the first value.
      distinctUntilChanged(),
    );
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
