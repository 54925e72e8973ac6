// Two sessions as a flow of a scenario.

import type { SchedulerLike } from 'rxjs';
import { connect, type Link, type Session, type SessionOptions } from 'rxkcp';
import { type Bottleneck, type Flow, seededRandom } from 'rxkcp/testing';
import { Sending } from './traffic.ts';
import type { FlowTotals, RunningFlow, SessionFlowOptions } from './types.ts';

/** Bytes of the headers of IPv4 and UDP, and of a segment. */
const IP_UDP = 28;
const SEGMENT = 24;

export class SessionFlow implements RunningFlow {
  readonly #flow: Flow;
  readonly #sender: Session;
  readonly #receiver: Session;
  readonly #sending: Sending;
  readonly #mtu: number;
  #failure: string | undefined;

  constructor(
    flow: Flow,
    { options = {}, traffic = 'bulk' }: SessionFlowOptions,
    line: Bottleneck,
    scheduler: SchedulerLike,
    seed: number,
  ) {
    this.#flow = flow;
    this.#mtu = options.mtu ?? 1400;
    const settings = { mode: 'fast3', stream: true, sendWindow: 65_535, receiveWindow: 65_535, ...options } as const;
    const open = (link: Link, end: number): Session =>
      opened(link, { conv: 1, random: seededRandom(2 * seed + end), ...settings, scheduler });
    this.#sender = open(flow.sender, 0);
    this.#receiver = open(flow.receiver, 1);
    this.#sending = new Sending(this.#sender, traffic, scheduler, line.bytesPerSecond);
    for (const session of [this.#sender, this.#receiver]) {
      session.subscribe({
        next: (message) => this.#sending.deliveries.bytesReceived(message.length, scheduler.now()),
        error: () => {},
      });
      session.closed$.subscribe(({ reason, error }) => {
        this.#failure ??= `${reason}${error instanceof Error ? `: ${error.message}` : ''}`;
      });
    }
  }

  totals(): FlowTotals {
    const { sent, dropped, sentBytes } = this.#flow.counts();
    const { retransmissions, segmentsSent, srtt } = this.#sender.stats();
    const retransmitted = retransmissions.fast + retransmissions.early + retransmissions.timeout;
    const { received, latencies } = this.#sending.deliveries;
    return {
      payload: received,
      segments: segmentsSent - retransmitted,
      retransmitted,
      datagrams: sent,
      dropped,
      lineBytes: sentBytes,
      expansion: (this.#mtu + IP_UDP) / (this.#mtu - SEGMENT),
      srtt,
      latencies: latencies.slice(),
      failure: this.#failure,
    };
  }

  stop(): void {
    this.#sending.stop();
    this.#sender.close();
    this.#receiver.close();
  }
}

/** A session that is there within the call, as over any link that is. */
function opened(link: Link, options: SessionOptions): Session {
  let made: Session | undefined;
  connect({ ...options, link }).subscribe((session) => {
    made = session;
  });
  return made as unknown as Session;
}
