// What there is to tell of a conversation, from its control block and its counters.

import type { ControlBlock } from '../core/kcp/control-block.ts';
import type { Counters } from '../counters/counters.ts';
import type { ArqStats } from './types.ts';

export function arqStats(block: ControlBlock, counters: Counters): ArqStats {
  const { rtt, congestion, sending, receiving, tunables, remoteWindow } = block;
  return {
    rto: rtt.rto,
    srtt: rtt.srtt,
    rttvar: rtt.rttvar,
    cwnd: congestion.cwnd,
    ssthresh: congestion.ssthresh,
    sendWindow: tunables.sendWindow,
    receiveWindow: tunables.receiveWindow,
    remoteWindow,
    inFlight: sending.inFlight,
    queued: sending.queued,
    queuedBytes: sending.unsentBytes,
    unread: receiving.unread,
    bytesSent: counters.BytesSent,
    bytesReceived: counters.BytesReceived,
    packetsSent: counters.OutPkts,
    packetsReceived: counters.InPkts,
    wireBytesSent: counters.OutBytes,
    wireBytesReceived: counters.InBytes,
    segmentsSent: counters.OutSegs,
    segmentsReceived: counters.InSegs,
    retransmissions: {
      fast: counters.FastRetransSegs,
      early: counters.EarlyRetransSegs,
      timeout: counters.LostSegs,
    },
  };
}
