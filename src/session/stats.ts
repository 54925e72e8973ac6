// What there is to tell of a session: its ARQ counts packets; the layers below, counters.

import type { ArqStats } from '../arq/types.ts';
import type { Snmp } from '../counters/counters.ts';
import type { Pipeline } from './pipeline.ts';

/** How a session is doing. */
export interface SessionStats extends ArqStats {
  /** Datagrams that were dropped because too many waited for the rate limit. */
  readonly packetsDropped: number;
}

export function sessionStats({ arq, counters, egress, linkOverhead }: Pipeline): SessionStats {
  return {
    ...arq.stats(),
    packetsSent: counters.OutPkts,
    packetsReceived: counters.InPkts,
    wireBytesSent: counters.OutBytes,
    wireBytesReceived: counters.InBytes + counters.InPkts * linkOverhead,
    packetsDropped: egress.dropped,
  };
}

export function sessionSnmp({ arq, counters }: Pipeline): Snmp {
  // The ARQ's packets are inside of the counters that are counted below it.
  return { ...arq.snmp(), ...counters };
}
