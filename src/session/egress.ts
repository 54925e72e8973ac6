// What happens to the datagrams of a session on their way to the link: duplicates, the rate limit, the counters.

import { BehaviorSubject, type SchedulerLike, Subject, type Subscription } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { isParity } from '../core/conversation.ts';
import type { Counters } from '../counters/counters.ts';
import type { Link } from '../link/link.ts';
import { limitedTo, RATE_LIMIT_DEFAULTS } from '../time/limited-to.ts';
import type { EgressOptions, SessionOptions } from './options.ts';
import type { SessionTrace } from './trace.ts';

export class Egress {
  /** Datagrams that the rate limit dropped. */
  dropped = 0;
  readonly #link: Link;
  readonly #counters: Counters;
  readonly #trace: SessionTrace;
  readonly #failed: (error: unknown) => void;
  readonly #scheduler: SchedulerLike | undefined;
  /** There is one from the first limit on. */
  #limit: Limit | undefined;
  #duplicates: number;
  #ended = false;

  /** @param failed called with what the cipher or the link has thrown. */
  constructor(
    link: Link,
    counters: Counters,
    trace: SessionTrace,
    options: SessionOptions,
    failed: (error: unknown) => void,
  ) {
    const { rateLimit: rate = 0, duplicates = 0, scheduler } = options;
    this.#link = link;
    this.#counters = counters;
    this.#trace = trace;
    this.#failed = failed;
    this.#scheduler = scheduler;
    this.#duplicates = duplicates;
    this.#setRate(rate);
  }

  configure({ rateLimit: rate, duplicates }: EgressOptions): void {
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
    const settings = { ...RATE_LIMIT_DEFAULTS, overhead: this.#link.overhead ?? 0 };
    const sending = datagrams
      .pipe(limitedTo(rate, settings, dropped, this.#scheduler))
      .subscribe((burst) => this.#transmit(burst));
    return { rate, datagrams, sending };
  }

  /** As in kcp-go, what is sent counts sealed. */
  #transmit(burst: Burst): void {
    let bytes = burst.length * (this.#link.overhead ?? 0);
    for (const { length } of burst) bytes += length;
    this.#counters.OutPkts += burst.length;
    this.#counters.OutBytes += bytes;
    this.#trace.sending(bytes);
    try {
      this.#link.outgoing.next(burst);
    } catch (error) {
      this.end();
      this.#failed(error);
    }
  }
}

/** A limit of bytes per second, and what is subject to it. */
interface Limit {
  readonly rate: BehaviorSubject<number>;
  readonly datagrams: Subject<Burst>;
  /** What leaves. */
  readonly sending: Subscription;
}

/** Each datagram, and behind it as many copies; parity is not worth that (kcp-go sess.go, postProcess). */
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
