// What a session does, event by event: what its conversation traces, and what leaves for the link.

import { ofKinds } from '../arq/trace-kinds.ts';
import type { Arq } from '../arq/types.ts';
import type { TraceEvent, TraceKind } from '../core/kcp/trace.ts';
import { EventQueue } from '../rx/event-queue.ts';
import { filter, type Observable } from '../rx/rxjs.ts';
import { share } from '../rx/rxjs-more.ts';

export class SessionTrace {
  readonly #arq: Pick<Arq, 'conv' | 'trace$'>;
  #events$: Observable<TraceEvent> | undefined;
  /** The events of those who listened last. */
  #queue: EventQueue<TraceEvent> | undefined;

  constructor(arq: Pick<Arq, 'conv' | 'trace$'>) {
    this.#arq = arq;
  }

  /** Events of `kinds`, or of all, as they come, until the end. @throws OptionError when one of `kinds` is not a kind. */
  events$<K extends TraceKind>(kinds: readonly K[]): Observable<TraceEvent<K>> {
    this.#events$ ??= this.#arq.trace$().pipe(
      filter(({ kind }) => kind !== 'output'),
      share({ connector: () => (this.#queue = new EventQueue()) }),
    );
    return this.#events$.pipe(ofKinds(kinds));
  }

  /** A burst of so many bytes leaves: more than the ARQ hands down, with FEC, duplicates, out-of-band datagrams and seals. */
  sending(datalen: number): void {
    if (this.#queue?.observed) this.#queue.next({ kind: 'output', conv: this.#arq.conv, datalen });
  }
}
