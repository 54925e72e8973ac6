// A TCP twin on a flow through a shared line.

import { type SchedulerLike, Subscription } from 'rxjs';
import { ensure, requireFunction } from '../../check.ts';
import { clockOf } from '../../time/clock.ts';
import { requireScheduler } from '../../time/scheduler.ts';
import { ROUNDING } from '../bottleneck/delay-line.ts';
import type { Flow } from '../bottleneck/flow.ts';
import { Cubic } from './cubic.ts';
import { NewReno } from './new-reno.ts';
import { DELAYED_MS, TcpReceiver } from './receiver.ts';
import { TcpSender } from './sender.ts';

/** Congestion control of a TCP twin. */
export type TcpKind = 'newreno' | 'cubic';

/** How a TCP twin is doing. */
export interface TcpStats {
  /** Application bytes that have arrived. */
  readonly receivedBytes: number;
  /** Packets sent, retransmissions included. */
  readonly sent: number;
  /** Packets that the sender counts as lost; it has sent as many others in their place. */
  readonly lost: number;
  /** Packets in flight. */
  readonly inFlight: number;
  /** Congestion window, in packets; may have fractions. */
  readonly cwnd: number;
  /** Smoothed round-trip time, ms; 0 before the first sample. */
  readonly srtt: number;
}

/** Cross traffic: a TCP sender with data without end, and its receiver. */
export interface TcpFlow {
  /** How it is doing. */
  stats(): TcpStats;
  /** Stops sending. Datagrams in the network still arrive. */
  stop(): void;
}

/** Bytes of a packet of 1,500 without the headers of IPv4 and UDP, which the line adds. */
const DATAGRAM = 1472;
/** Bytes of data in it: TCP has 20 bytes of header and 12 of timestamps, and IPv4 20. */
const PAYLOAD = 1448;
const KINDS = { newreno: NewReno, cubic: Cubic } as const;

/**
 * Sends as a bulk transfer over TCP would through `flow`, from now on until it is stopped: cross traffic to compare with.
 *
 * A naive twin of a TCP stack: packets of 1,500 bytes, acknowledgments for every second one (after 40 ms at the latest), losses found
 * by three later acknowledgments, a retransmission timeout of the round-trip time and 200 ms at least. It has no receive window, no pacing
 * and no HyStart, and names single packets in its acknowledgments. `newreno` follows RFC 5681 and 6582, `cubic` RFC 9438.
 *
 * @example
 * const scheduler = new VirtualScheduler();
 * const line = bottleneck({ scheduler, bytesPerSecond: 2_500_000, delay: 25, queueBytes: 125_000 });
 * const traffic = tcpFlow(line.flow(), 'cubic', scheduler);
 * scheduler.run(10_000);
 * console.log(traffic.stats());
 *
 * @param flow a flow that nothing else uses.
 * @param kind the congestion control.
 * @param scheduler the clock: that of the line. Default: the monotonic clock; within `TestScheduler.run`, its virtual time.
 * @throws OptionError if an argument is invalid; `error.option` names it.
 */
export function tcpFlow(flow: Flow, kind: TcpKind = 'cubic', scheduler?: SchedulerLike): TcpFlow {
  requireFunction('flow.counts', flow?.counts);
  ensure('kind', kind, Object.hasOwn(KINDS, kind), `one of ${Object.keys(KINDS).join(', ')}`);
  requireScheduler('scheduler', scheduler);
  return new Twin(flow, kind, clockOf(scheduler));
}

class Twin implements TcpFlow {
  readonly #flow: Flow;
  readonly #scheduler: SchedulerLike;
  readonly #sender: TcpSender;
  readonly #receiver = new TcpReceiver();
  readonly #life = new Subscription();
  #timeout: Subscription | undefined;
  #delayedAck: Subscription | undefined;

  constructor(flow: Flow, kind: TcpKind, scheduler: SchedulerLike) {
    this.#flow = flow;
    this.#scheduler = scheduler;
    this.#sender = new TcpSender(new KINDS[kind]());
    flow.receiver.incoming.subscribe((burst) => {
      for (const packet of burst) if (this.#receiver.arrived(numbersIn(packet)[0]!)) this.#acknowledge();
      if (this.#receiver.isPending) {
        this.#delayedAck ??= scheduler.schedule(() => this.#acknowledge(), DELAYED_MS);
      }
    });
    this.#life.add(
      flow.sender.incoming.subscribe((burst) => {
        for (const packet of burst) this.#sender.acknowledged(numbersIn(packet), scheduler.now());
        this.#send();
      }),
    );
    this.#life.add(() => this.#timeout?.unsubscribe());
    this.#send();
  }

  stats(): TcpStats {
    const { sent, lost, inFlight, srtt, window } = this.#sender;
    return { receivedBytes: this.#receiver.received * PAYLOAD, sent, lost, inFlight, cwnd: window.packets, srtt };
  }

  stop(): void {
    this.#life.unsubscribe();
  }

  #send(): void {
    const now = this.#scheduler.now();
    const burst: Uint8Array[] = [];
    for (let next = this.#sender.next(now); next !== undefined; next = this.#sender.next(now)) {
      burst.push(packetOf([next], DATAGRAM));
    }
    if (burst.length > 0) this.#flow.sender.outgoing.next(burst);
    this.#timeout ??= this.#wait();
  }

  /** Waits for the timeout, which moves on with each acknowledgment: the wait that is under way then finds that it was too short. */
  #wait(): Subscription | undefined {
    const { timeoutAt } = this.#sender;
    if (timeoutAt === undefined) return undefined;
    return this.#scheduler.schedule(
      () => {
        const now = this.#scheduler.now();
        this.#timeout = undefined;
        if ((this.#sender.timeoutAt ?? Infinity) <= now + ROUNDING) this.#sender.timedOut();
        this.#send();
      },
      Math.max(timeoutAt - this.#scheduler.now(), 0),
    );
  }

  #acknowledge(): void {
    this.#delayedAck?.unsubscribe();
    this.#delayedAck = undefined;
    const numbers = this.#receiver.acknowledge();
    this.#flow.receiver.outgoing.next([packetOf(numbers, 4 * numbers.length)]);
  }
}

/** A packet of `length` bytes that begins with `numbers`. */
function packetOf(numbers: readonly number[], length: number): Uint8Array {
  const packet = new Uint8Array(length);
  new Uint32Array(packet.buffer, 0, numbers.length).set(numbers);
  return packet;
}

/** The numbers of a packet: one of a data packet, all others of an acknowledgment. The network has copied it to a new buffer. */
function numbersIn({ buffer, length }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, 0, length === DATAGRAM ? 1 : length / 4);
}
