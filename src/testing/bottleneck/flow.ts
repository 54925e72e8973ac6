// One flow through a shared line: its links, and what becomes of its datagrams.

import { noop, type Observer, type SchedulerLike, Subject } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import type { Link } from '../../link/link.ts';
import { type Dice, makeDice } from '../dice.ts';
import { DelayLine } from './delay-line.ts';
import type { Carried, Line } from './line.ts';
import type { FlowOptions, SettledBottleneck } from './options.ts';

/**
 * Datagrams of one flow or of all flows, since the beginning. Every datagram that was sent is in one other count:
 * `sent = queued + underWay + dropped + lost + delivered`. Bytes include the `overhead` of the line.
 */
export interface FlowCounts {
  /** Datagrams handed to the network. */
  readonly sent: number;
  /** Datagrams in the queue. */
  readonly queued: number;
  /** Datagrams on the line, or propagating. */
  readonly underWay: number;
  /** Datagrams that the queue has dropped. */
  readonly dropped: number;
  /** Datagrams that were lost at random. */
  readonly lost: number;
  /** Datagrams that have arrived, whether or not the receiver was subscribed. */
  readonly delivered: number;
  /** Bytes of the datagrams sent. */
  readonly sentBytes: number;
  /** Bytes of the datagrams delivered. */
  readonly deliveredBytes: number;
}

/** One flow through a shared line: the links of its two ends. */
export interface Flow {
  /** The end that sends through the shared line. */
  readonly sender: Link;
  /** The other end. Its datagrams take a path that is never congested. */
  readonly receiver: Link;
  /** What has become of the sender's datagrams. */
  counts(): FlowCounts;
}

export class SharedFlow implements Flow {
  readonly sender: Link;
  readonly receiver: Link;
  readonly #line: Line;
  readonly #forward: DelayLine;
  readonly #overhead: number;
  readonly #loss: number;
  readonly #dice: Dice;
  #sent = 0;
  #queued = 0;
  #onLine = 0;
  #dropped = 0;
  #lost = 0;
  #delivered = 0;
  #sentBytes = 0;
  #deliveredBytes = 0;

  /** @param index number of the flow: each flow draws its losses independently. */
  constructor(line: Line, scheduler: SchedulerLike, settled: SettledBottleneck, options: FlowOptions, index: number) {
    const { seed, loss, overhead } = settled;
    const { delay = settled.delay, returnLoss = 0, coalesce = 0 } = options;
    const toReceiver = new Subject<Burst>();
    const toSender = new Subject<Burst>();
    const returnDice = makeDice(seed, index, 1);
    const back = new DelayLine(scheduler, delay, coalesce, (burst) => toSender.next(burst));
    this.#line = line;
    this.#overhead = overhead;
    this.#loss = loss;
    this.#dice = makeDice(seed, index, 0);
    this.#forward = new DelayLine(scheduler, delay, coalesce, (burst) => {
      this.#delivered += burst.length;
      for (const { length } of burst) this.#deliveredBytes += length + overhead;
      toReceiver.next(burst);
    });
    this.sender = {
      incoming: toSender.asObservable(),
      outgoing: sinkOf((burst) => {
        for (const datagram of burst) this.#send(new Uint8Array(datagram));
      }),
    };
    this.receiver = {
      incoming: toReceiver.asObservable(),
      outgoing: sinkOf((burst) => {
        const now = scheduler.now();
        for (const datagram of burst) if (returnDice() >= returnLoss) back.add(new Uint8Array(datagram), now);
      }),
    };
  }

  counts(): FlowCounts {
    // The line may be behind.
    this.#line.advance();
    return {
      sent: this.#sent,
      queued: this.#queued,
      underWay: this.#onLine + this.#forward.length,
      dropped: this.#dropped,
      lost: this.#lost,
      delivered: this.#delivered,
      sentBytes: this.#sentBytes,
      deliveredBytes: this.#deliveredBytes,
    };
  }

  /** For a datagram of this flow: the queue has dropped it. */
  dropped(): void {
    this.#queued--;
    this.#dropped++;
  }

  /** For a datagram of this flow: the line begins to carry it. */
  begun(): void {
    this.#queued--;
    this.#onLine++;
  }

  /** For a datagram of this flow: the line has carried it. @param at when, ms. */
  carried(datagram: Uint8Array, at: number): void {
    this.#onLine--;
    if (this.#dice() < this.#loss) this.#lost++;
    else if (!this.#forward.add(datagram, at)) this.#dropped++;
  }

  #send(datagram: Uint8Array): void {
    const size = datagram.length + this.#overhead;
    this.#sent++;
    this.#sentBytes += size;
    this.#queued++;
    this.#line.enter(new Datagram(this, datagram, size));
  }
}

class Datagram implements Carried {
  readonly size: number;
  enteredAt = 0;
  readonly #flow: SharedFlow;
  readonly #bytes: Uint8Array;

  constructor(flow: SharedFlow, bytes: Uint8Array, size: number) {
    this.#flow = flow;
    this.#bytes = bytes;
    this.size = size;
  }

  dropped(): void {
    this.#flow.dropped();
  }

  begun(): void {
    this.#flow.begun();
  }

  carried(at: number): void {
    this.#flow.carried(this.#bytes, at);
  }
}

/** What has become of the datagrams of all flows together. */
export function totalOf(flows: readonly FlowCounts[]): FlowCounts {
  const total = {
    ...{ sent: 0, queued: 0, underWay: 0, dropped: 0, lost: 0, delivered: 0 },
    ...{ sentBytes: 0, deliveredBytes: 0 },
  };
  for (const counts of flows)
    for (const name of Object.keys(total) as (keyof FlowCounts)[]) total[name] += counts[name];
  return total;
}

function sinkOf(next: (burst: Burst) => void): Observer<Burst> {
  return { next, error: noop, complete: noop };
}
