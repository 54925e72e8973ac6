// Brings the events of a control block to those who listen. They are kept until the block is at rest: a listener may call
// back into the conversation, and the block is in the middle of something when it tells.

import { filter, Observable, Subject } from 'rxjs';
import { TRACE_ALL, type TraceEvent, type TraceKind, type Tracer } from '../core/kcp/trace.ts';
import { OptionError } from '../errors.ts';

export class TraceFeed {
  readonly #events = new Subject<TraceEvent>();
  /** Connects the block with us, or, given nothing, with nobody. */
  readonly #connect: (tracer: Tracer | undefined) => void;
  #pending: TraceEvent[] = [];
  #listeners = 0;
  #delivering = false;
  #ended = false;

  constructor(connect: (tracer: Tracer | undefined) => void) {
    this.#connect = connect;
  }

  /** Whether someone listens: what is told is not lost. */
  get wanted(): boolean {
    return this.#listeners > 0;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Events of `kinds`, or of all, as they come, until the end. @throws OptionError */
  events$<K extends TraceKind>(kinds: readonly K[]): Observable<TraceEvent<K>> {
    checkKinds(kinds);
    const isWanted = (event: TraceEvent): boolean =>
      kinds.length === 0 || (kinds as readonly TraceKind[]).includes(event.kind);
    return new Observable((subscriber) => {
      const events = this.#events.pipe(filter(isWanted)) as Observable<TraceEvent<K>>;
      subscriber.add(events.subscribe(subscriber));
      if (subscriber.closed) return;
      if (this.#listeners++ === 0) this.#connect((event) => this.tell(event));
      subscriber.add(() => {
        if (--this.#listeners > 0) return;
        this.#connect(undefined);
        this.#pending = [];
      });
    });
  }

  /** Keeps an event for the next `deliver`. */
  tell(event: TraceEvent): void {
    this.#pending.push(event);
  }

  /** Delivers what was told, in that order. */
  deliver(): void {
    if (this.#delivering || this.#pending.length === 0) return;
    this.#delivering = true;
    try {
      for (let event = this.#pending.shift(); event !== undefined; event = this.#pending.shift()) {
        this.#events.next(event);
      }
    } finally {
      this.#delivering = false;
    }
    if (this.#ended) this.#events.complete();
  }

  /** Delivers what is left, and completes. */
  end(): void {
    this.#ended = true;
    this.deliver();
    if (!this.#delivering) this.#events.complete();
  }
}

/** @throws OptionError when one of `kinds` is not a kind. */
export function checkKinds(kinds: readonly unknown[]): void {
  for (const kind of kinds) {
    if (!(TRACE_ALL as readonly unknown[]).includes(kind)) {
      throw new OptionError('kind', kind, `one of ${TRACE_ALL.join(', ')}`);
    }
  }
}
