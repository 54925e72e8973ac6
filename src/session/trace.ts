// What a session does, event by event: what its conversation traces, and what leaves for the link.

import { filter, Observable, type Subscription } from 'rxjs';
import { checkKinds } from '../arq/trace-feed.ts';
import type { Arq } from '../arq/types.ts';
import type { TraceEvent, TraceKind } from '../core/kcp/trace.ts';
import { EventQueue } from '../rx/event-queue.ts';

export class SessionTrace {
  readonly #arq: Pick<Arq, 'conv' | 'trace$'>;
  /** There is one while somebody listens. */
  #queue: EventQueue<TraceEvent> | undefined;
  #source: Subscription | undefined;
  #listeners = 0;

  constructor(arq: Pick<Arq, 'conv' | 'trace$'>) {
    this.#arq = arq;
  }

  /** Events of `kinds`, or of all, as they come, until the end. @throws OptionError when one of `kinds` is not a kind. */
  events$<K extends TraceKind>(kinds: readonly K[]): Observable<TraceEvent<K>> {
    checkKinds(kinds);
    const isWanted = (event: TraceEvent): event is TraceEvent<K> =>
      kinds.length === 0 || (kinds as readonly TraceKind[]).includes(event.kind);
    return new Observable((subscriber) => {
      const queue = this.#open();
      subscriber.add(() => this.#close());
      subscriber.add(queue.events$.pipe(filter(isWanted)).subscribe(subscriber));
    });
  }

  /** A burst of so many bytes leaves: more than the ARQ hands down, with FEC, duplicates, out-of-band datagrams and seals. */
  sending(datalen: number): void {
    this.#queue?.next({ kind: 'output', conv: this.#arq.conv, datalen });
  }

  #open(): EventQueue<TraceEvent> {
    this.#listeners++;
    if (this.#queue !== undefined) return this.#queue;
    const queue = new EventQueue<TraceEvent>();
    this.#queue = queue;
    this.#source = this.#arq.trace$().subscribe({
      next: (event) => {
        if (event.kind !== 'output') queue.next(event);
      },
      complete: () => queue.complete(),
    });
    return queue;
  }

  #close(): void {
    if (--this.#listeners > 0) return;
    this.#source?.unsubscribe();
    this.#source = this.#queue = undefined;
  }
}
