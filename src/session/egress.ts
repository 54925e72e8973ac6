// What happens to the datagrams of a session on their way to the link: duplicates, the rate limit, the counters.

import type { SchedulerLike } from 'rxjs';
import type { ArqDriver } from '../arq/driver.ts';
import { type Burst, bytesIn } from '../bytes/burst.ts';
import { isParity } from '../core/conversation.ts';
import type { Counters } from '../counters/counters.ts';
import type { Link } from '../link/link.ts';
import { clockOf } from '../time/clock.ts';
import { Pacer, RATE_LIMIT_DEFAULTS } from '../time/pacer.ts';
import { KeepAlive } from './keep-alive.ts';
import type { EgressOptions, SessionOptions } from './options.ts';

/** What the layers below the ARQ count for themselves; all else they count with it. */
export type DatagramCounts = Pick<Counters, 'InPkts' | 'InBytes' | 'OutPkts' | 'OutBytes'>;

export class Egress {
  /** Datagrams that the rate limit dropped. */
  dropped = 0;
  readonly #link: Link;
  readonly #overhead: number;
  readonly #counters: DatagramCounts;
  readonly #arq: Pick<ArqDriver, 'conv' | 'fail' | 'repeatAcks' | 'trace'>;
  readonly #scheduler: SchedulerLike | undefined;
  /** There is one from the first period on. */
  #keepAlive: KeepAlive | undefined;
  /** There is one from the first limit on. */
  #pacer: Pacer | undefined;
  #duplicates = 0;
  #ended = false;

  /** @param arq fails with what the cipher or the link has thrown, and is told what leaves. */
  constructor(
    link: Link,
    counters: DatagramCounts,
    arq: Pick<ArqDriver, 'conv' | 'fail' | 'repeatAcks' | 'trace'>,
    options: SessionOptions,
  ) {
    this.#link = link;
    this.#overhead = link.overhead ?? 0;
    this.#counters = counters;
    this.#arq = arq;
    this.#scheduler = options.scheduler;
    this.configure(options);
  }

  configure({ rateLimit, keepAlive, duplicates = this.#duplicates }: EgressOptions): void {
    this.#duplicates = duplicates;
    if (this.#ended) return;
    if (keepAlive) this.#keepAlive ??= new KeepAlive(clockOf(this.#scheduler), () => this.#arq.repeatAcks());
    if (keepAlive !== undefined) this.#keepAlive?.setPeriod(keepAlive);
    if (rateLimit === undefined) return;
    if (rateLimit) {
      this.#pacer ??= new Pacer(
        { ...RATE_LIMIT_DEFAULTS, overhead: this.#overhead },
        clockOf(this.#scheduler),
        (burst) => this.#transmit(burst),
        (count) => {
          this.dropped += count;
        },
      );
    }
    this.#pacer?.setRate(rateLimit);
  }

  /** Sends, now or when the rate limit lets it. */
  send(burst: Burst): void {
    if (this.#ended) return;
    const datagrams = this.#duplicates === 0 ? burst : repeated(burst, this.#duplicates);
    if (this.#pacer) this.#pacer.send(datagrams);
    else this.#transmit(datagrams);
  }

  /** What still waits is dropped. */
  end(): void {
    this.#ended = true;
    this.#keepAlive?.setPeriod(0);
    this.#pacer?.end();
  }

  /** As in kcp-go, what is sent counts sealed. */
  #transmit(burst: Burst): void {
    this.#keepAlive?.sent();
    const bytes = bytesIn(burst) + burst.length * this.#overhead;
    this.#counters.OutPkts += burst.length;
    this.#counters.OutBytes += bytes;
    const { conv, trace } = this.#arq;
    if (trace?.observed) trace.next({ kind: 'output', conv, datalen: bytes });
    try {
      this.#link.outgoing.next(burst);
    } catch (error) {
      this.end();
      this.#arq.fail(error);
    }
  }
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
