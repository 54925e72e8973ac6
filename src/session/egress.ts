// The last room of a session on the way out: duplicates, the rate limit, the counters, the link.

import { BehaviorSubject, Observable, type SchedulerLike, Subject, type Subscription } from 'rxjs';
import { rateLimit } from '../../operators/rate-limit.ts';
import { isParity } from '../core/conversation.ts';
import type { TraceEvent } from '../core/kcp/trace.ts';
import type { Counters } from '../counters/counters.ts';
import type { Burst, Link } from '../link/link.ts';
import type { OutletOptions, SessionOptions } from './options.ts';

export class Outlet {
  /** Each burst that leaves, until the end. */
  readonly trace$: Observable<TraceEvent<'output'>>;
  /** Datagrams that the rate limit dropped. */
  dropped = 0;
  readonly #link: Link;
  readonly #conv: number;
  readonly #counters: Counters;
  readonly #scheduler: SchedulerLike | undefined;
  /** There is one from the first listener on. */
  #trace: Subject<TraceEvent<'output'>> | undefined = undefined;
  /** There is one from the first limit on. */
  #limit: Limit | undefined = undefined;
  #duplicates: number;
  #ended = false;

  constructor(link: Link, conv: number, counters: Counters, options: SessionOptions) {
    const { rateLimit: rate = 0, duplicates = 0, scheduler } = options;
    this.#link = link;
    this.#conv = conv;
    this.#counters = counters;
    this.#scheduler = scheduler;
    this.#duplicates = duplicates;
    this.trace$ = new Observable((subscriber) => {
      this.#trace ??= new Subject();
      if (this.#ended) this.#trace.complete();
      return this.#trace.subscribe(subscriber);
    });
    this.#setRate(rate);
  }

  configure({ rateLimit: rate, duplicates }: OutletOptions): void {
    this.#duplicates = duplicates ?? this.#duplicates;
    if (rate !== undefined) this.#setRate(rate);
  }

  /** Sends, now or when the rate limit lets it. */
  send(burst: Burst): void {
    if (this.#ended) return;
    const datagrams = this.#duplicates === 0 ? burst : repeated(burst, this.#duplicates);
    if (this.#limit === undefined) this.#transmit(datagrams);
    else this.#limit.datagrams.next(datagrams);
  }

  /** What still waits is dropped. */
  end(): void {
    this.#ended = true;
    this.#limit?.sending.unsubscribe();
    this.#trace?.complete();
  }

  #setRate(rate: number): void {
    if (this.#limit === undefined && rate > 0 && !this.#ended) this.#limit = this.#limited();
    this.#limit?.rate.next(rate);
  }

  #limited(): Limit {
    const rate = new BehaviorSubject(0);
    const datagrams = new Subject<Burst>();
    const dropped = (count: number): void => {
      this.dropped += count;
    };
    const sending = datagrams
      .pipe(rateLimit(rate, { overhead: this.#link.overhead ?? 0, dropped, scheduler: this.#scheduler }))
      .subscribe((burst) => this.#transmit(burst));
    return { rate, datagrams, sending };
  }

  /** As on the reference: what is sent counts sealed. */
  #transmit(burst: Burst): void {
    let bytes = burst.length * (this.#link.overhead ?? 0);
    for (const { length } of burst) bytes += length;
    this.#counters.OutPkts += burst.length;
    this.#counters.OutBytes += bytes;
    if (this.#trace?.observed) this.#trace.next({ kind: 'output', conv: this.#conv, datalen: bytes });
    this.#link.outgoing.next(burst);
  }
}

/** A limit of bytes a second, and what is subject to it. */
interface Limit {
  readonly rate: BehaviorSubject<number>;
  readonly datagrams: Subject<Burst>;
  /** What leaves. */
  readonly sending: Subscription;
}

/** Each datagram, and behind it as many more of it; parity is not worth that (kcp-go sess.go, postProcess). */
function repeated(burst: Burst, times: number): Burst {
  const all: Uint8Array[] = [];
  for (const datagram of burst) {
    all.push(datagram);
    if (isParity(datagram)) continue;
    // Not the same memory: it is written to again when one of them has arrived.
    for (let i = 0; i < times; i++) all.push(datagram.slice());
  }
  return all;
}
