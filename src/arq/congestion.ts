// Whether the send window is full, as a stream of changes.

import { distinctUntilChanged, Observable } from 'rxjs';
import { EventQueue } from '../rx/event-queue.ts';
import type { Arq } from './types.ts';

export class Congestion extends EventQueue<boolean> {
  /** The value now, then each change; completes when the conversation ends. */
  readonly changes$: Observable<boolean>;
  readonly #arq: Pick<Arq, 'congested'>;
  #last: boolean;

  constructor(arq: Pick<Arq, 'congested'>) {
    super();
    this.#arq = arq;
    this.#last = arq.congested;
    this.changes$ = new Observable<boolean>((subscriber) => {
      const first = this.#last;
      // Before the first value, for a listener may send with that. Whoever comes after the end gets that, and no value.
      this.subscribe(subscriber);
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
      this.next(this.#last);
    }
  }
}
