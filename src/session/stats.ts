// What there is to tell of a session: its ARQ counts packets; the layers below, datagrams.

import type { ArqStats } from '../arq/types.ts';
import { addCounters, Counters, type Snmp } from '../counters/counters.ts';
import type { Pipeline } from './pipeline.ts';

/** How a session is doing. */
export interface SessionStats extends ArqStats {
  /** Datagrams that were dropped because too many waited for the rate limit. */
  readonly packetsDropped: number;
}

export function sessionStats({ arq, counters, egress, linkOverhead }: Pipeline): SessionStats {
  const { OutPkts, OutBytes, InPkts, InBytes } = counters;
  return {
    ...arq.stats(),
    packetsSent: OutPkts,
    packetsReceived: InPkts,
    wireBytesSent: OutBytes,
    wireBytesReceived: InBytes + InPkts * linkOverhead,
    packetsDropped: egress.dropped,
  };
}

export function sessionSnmp({ arq, counters }: Pipeline): Snmp {
  const total = new Counters();
  // The ARQ's packets are inside of the datagrams that are counted below it.
  addCounters(total, { ...arq.snmp(), InPkts: 0, InBytes: 0, OutPkts: 0, OutBytes: 0 });
  addCounters(total, counters);
  return total;
}
