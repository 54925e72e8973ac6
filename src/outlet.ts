// The last room of a session on the way out: duplicates, the rate limit, the counters, the link.

import { BehaviorSubject, type Observable, Subject, type Subscription } from 'rxjs';
import { rateLimit } from '../operators/rate-limit.ts';
import type { Counters } from './counters.ts';
import { isParity } from './datagram.ts';
import type { TraceEvent } from './kcp/trace.ts';
import type { Burst, Link } from './link/link.ts';
import type { OutletOptions, SessionOptions } from './options.ts';

export class Outlet {
  /** Each burst that leaves, until the end. */
  readonly trace$: Observable<TraceEvent<'output'>>;
  /** Datagrams that the rate limit dropped. */
  dropped = 0;
  readonly #link: Link;
  readonly #conv: number;
  readonly #counters: Counters;
  readonly #trace = new Subject<TraceEvent<'output'>>();
  readonly #rate: BehaviorSubject<number>;
  readonly #datagrams = new Subject<Burst>();
  readonly #sending: Subscription;
  #duplicates: number;

  constructor(link: Link, conv: number, counters: Counters, options: SessionOptions) {
    const { rateLimit: rate = 0, duplicates = 0, scheduler } = options;
    this.#link = link;
    this.#conv = conv;
    this.#counters = counters;
    this.#rate = new BehaviorSubject(rate);
    this.#duplicates = duplicates;
    this.trace$ = this.#trace.asObservable();
    const dropped = (count: number): void => {
      this.dropped += count;
    };
    this.#sending = this.#datagrams
      .pipe(rateLimit(this.#rate, { overhead: link.overhead ?? 0, dropped, scheduler }))
      .subscribe((burst) => this.#transmit(burst));
  }

  configure({ rateLimit: rate, duplicates }: OutletOptions): void {
    this.#duplicates = duplicates ?? this.#duplicates;
    if (rate !== undefined) this.#rate.next(rate);
  }

  /** Sends, now or when the rate limit lets it. */
  send(burst: Burst): void {
    this.#datagrams.next(this.#duplicates === 0 ? burst : repeated(burst, this.#duplicates));
  }

  /** What still waits is dropped. */
  end(): void {
    this.#sending.unsubscribe();
    this.#trace.complete();
  }

  /** As on the reference: what is sent counts sealed. */
  #transmit(burst: Burst): void {
    let bytes = burst.length * (this.#link.overhead ?? 0);
    for (const { length } of burst) bytes += length;
    this.#counters.OutPkts += burst.length;
    this.#counters.OutBytes += bytes;
    if (this.#trace.observed) this.#trace.next({ kind: 'output', conv: this.#conv, datalen: bytes });
    this.#link.outgoing.next(burst);
  }
}

/** Each datagram, and behind it as many more of it; parity is not worth that (kcp-go sess.go, postProcess). */
function repeated(burst: Burst, times: number): Burst {
  const all: Uint8Array[] = [];
  for (const datagram of burst) {
    all.push(datagram);
    if (!isParity(datagram)) for (let i = 0; i < times; i++) all.push(datagram);
  }
  return all;
}
