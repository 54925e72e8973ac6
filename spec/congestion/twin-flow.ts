// A TCP twin as a flow of a scenario.

import type { SchedulerLike } from 'rxjs';
import { type Flow, type TcpFlow, type TcpKind, tcpFlow } from 'rxkcp/testing';
import type { FlowTotals, RunningFlow } from './types.ts';

export class TwinFlow implements RunningFlow {
  readonly #flow: Flow;
  readonly #twin: TcpFlow;

  constructor(flow: Flow, kind: TcpKind, scheduler: SchedulerLike) {
    this.#flow = flow;
    this.#twin = tcpFlow(flow, kind, scheduler);
  }

  totals(): FlowTotals {
    const { sent, dropped, sentBytes } = this.#flow.counts();
    const { receivedBytes, lost, srtt } = this.#twin.stats();
    return {
      payload: receivedBytes,
      segments: sent - lost,
      retransmitted: lost,
      datagrams: sent,
      dropped,
      lineBytes: sentBytes,
      expansion: 1500 / 1448,
      srtt,
      latencies: [],
      failure: undefined,
    };
  }

  stop(): void {
    this.#twin.stop();
  }
}
