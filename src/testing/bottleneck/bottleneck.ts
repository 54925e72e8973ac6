// A network of many flows that share one line.

import { clockOf } from '../../time/clock.ts';
import { type Flow, type FlowCounts, SharedFlow, totalOf } from './flow.ts';
import { Line } from './line.ts';
import { type BottleneckOptions, checkFlow, type FlowOptions, requireRate, settledBottleneck } from './options.ts';

/** A line that several flows share. */
export interface Bottleneck {
  /** Attaches a flow. @throws OptionError if an option is invalid; `error.option` names it. */
  flow(options?: FlowOptions): Flow;
  /** Rate of the line, in bytes per second. */
  readonly bytesPerSecond: number;
  /** Changes the rate of the line at once, in bytes per second, 1 or more. @throws OptionError */
  setRate(bytesPerSecond: number): void;
  /** Bytes in the queue, without the datagram that is on the line. */
  readonly queuedBytes: number;
  /** Time that a datagram would wait before the line carries it, if it entered now, in ms. */
  readonly wait: number;
  /** Bytes that the line has carried, those included that were lost at random afterwards. */
  readonly carriedBytes: number;
  /** What has become of the datagrams of all flows. */
  counts(): FlowCounts;
}

/**
 * Makes a network of many flows through one line, in real or virtual time: sessions, and TCP senders as cross traffic.
 *
 * Datagrams of all flows enter one queue, the line carries one after the other, and then each propagates to its receiver. Times
 * are not rounded: at 100 Mbit/s a datagram of 1,400 bytes and its 28 bytes of headers take 0.11424 ms. The return path only
 * delays (and loses, if asked to). Flows that are attached later share the same line. Use `impair` on a flow's links for other faults.
 *
 * The queue is in front of the line: `queueBytes` does not count the datagram that is on the line. At most 65,536 datagrams and 64 MiB
 * propagate at a time in each direction of a flow; datagrams beyond that are dropped. Datagrams are copied. If a link's
 * `incoming` has no subscriber, the datagrams that arrive there are lost. An exception of a subscriber is reported by RxJS as unhandled.
 *
 * @example
 * const scheduler = new VirtualScheduler();
 * const line = bottleneck({ scheduler, bytesPerSecond: 2_500_000, delay: 25, queueBytes: 125_000 });
 * const { sender, receiver, counts } = line.flow();
 * connect({ link: sender, conv: 1, scheduler }).subscribe((session) => session.next(new Uint8Array(100_000)));
 * connect({ link: receiver, conv: 1, scheduler }).subscribe((session) => session.messages$.subscribe());
 * scheduler.run(1000);
 * console.log(counts());
 *
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function bottleneck(options: BottleneckOptions): Bottleneck {
  const settled = settledBottleneck(options);
  const scheduler = clockOf(settled.scheduler);
  const line = new Line(settled, scheduler);
  const flows: SharedFlow[] = [];
  return {
    flow(flowOptions = {}) {
      checkFlow(flowOptions);
      const flow = new SharedFlow(line, scheduler, settled, flowOptions, flows.length);
      flows.push(flow);
      return { sender: flow.sender, receiver: flow.receiver, counts: () => flow.counts() };
    },
    get bytesPerSecond() {
      return line.bytesPerSecond;
    },
    setRate: (bytesPerSecond) => line.setRate(requireRate(bytesPerSecond)),
    get queuedBytes() {
      return line.queuedBytes;
    },
    get wait() {
      return line.wait;
    },
    get carriedBytes() {
      return line.carriedBytes;
    },
    counts: () => totalOf(flows.map((flow) => flow.counts())),
  };
}
