// A network of many flows that share one line.

import type { Hub, Link } from '../../link/link.ts';
import { clockOf } from '../../time/clock.ts';
import { type Flow, type FlowCounts, SharedFlow, totalOf } from './flow.ts';
import { Line } from './line.ts';
import { type BottleneckOptions, checkFlow, type FlowOptions, requireRate, settledBottleneck } from './options.ts';
import { SharedServer } from './server.ts';

/** A line that several flows share. */
export interface Bottleneck {
  /** Attaches a flow. @throws OptionError if an option is invalid; `error.option` names it. */
  flow(options?: FlowOptions): Flow;
  /** A server behind the line, for `listen`. Everything that it sends takes the shared line. */
  readonly hub: Hub;
  /** The link of a new client of `hub`, for `connect`. @throws OptionError if an option is invalid; `error.option` names it. */
  link(options?: FlowOptions): Link;
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
 * `flow()` attaches one flow and returns the links of its two ends; `hub` and `link()` are a server and
 * its clients. Datagrams of all flows enter one queue. The line carries one after the other, and each then
 * propagates to its receiver. Times are not rounded: at 100 Mbit/s a datagram of 1,400 bytes and its 28
 * bytes of headers take 0.11424 ms. The return path only delays, and loses if asked to. For other faults,
 * use `impair` on a flow's links.
 *
 * The queue is in front of the line: `queueBytes` does not count the datagram that is on the line. At most
 * 65,536 datagrams and 64 MiB propagate at a time in each direction of a flow; datagrams beyond that are
 * dropped. Datagrams are copied. If a link's `incoming` has no subscriber, the datagrams that arrive there
 * are lost. RxJS reports an exception of a subscriber as unhandled.
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
  const server = new SharedServer();
  const attached = (flowOptions: FlowOptions = {}): SharedFlow => {
    checkFlow(flowOptions);
    const flow = new SharedFlow(line, scheduler, settled, flowOptions, flows.length);
    flows.push(flow);
    return flow;
  };
  return {
    flow(flowOptions) {
      const flow = attached(flowOptions);
      return { sender: flow.sender, receiver: flow.receiver, counts: () => flow.counts() };
    },
    hub: server.hub,
    link: (flowOptions) => server.link(attached(flowOptions)),
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
