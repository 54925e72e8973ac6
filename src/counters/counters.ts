// kcp-go's counters (snmp.go), under its names, for one session or one socket. Cores count into these.

/** The 30 fields of kcp-go's `Snmp`. All are counts, but for the gauges marked so. */
export class Counters {
  /** Bytes handed to `send`. */
  BytesSent = 0;
  /** Bytes delivered to readers. */
  BytesReceived = 0;
  /** Gauge: most sessions there ever were at a time. */
  MaxConn = 0;
  /** Sessions made by `connect`. */
  ActiveOpens = 0;
  /** Sessions made by `listen`. */
  PassiveOpens = 0;
  /** Gauge: sessions there are. */
  CurrEstab = 0;
  /** Errors of the socket, datagrams too long for any MTU, and packets dropped because the system took no more. */
  InErrs = 0;
  /** Datagrams whose checksum or tag failed. */
  InCsumErrors = 0;
  /** Packets the control block rejected. */
  KCPInErrors = 0;
  /** Packets received. */
  InPkts = 0;
  /** Packets sent. */
  OutPkts = 0;
  /** Segments received. */
  InSegs = 0;
  /** Segments sent. */
  OutSegs = 0;
  /** Bytes of the packets received. */
  InBytes = 0;
  /** Bytes of the packets sent. */
  OutBytes = 0;
  /** Segments sent again, for whatever reason. */
  RetransSegs = 0;
  /** … because enough later ones were acknowledged. */
  FastRetransSegs = 0;
  /** … because a later one was acknowledged and there was nothing new to send. */
  EarlyRetransSegs = 0;
  /** … because their timeout ran out. */
  LostSegs = 0;
  /** Data segments received that were there already, or out of the window. */
  RepeatSegs = 0;
  /** FEC groups that arrived complete. */
  FECFullShardSet = 0;
  /** Packets recovered by FEC. */
  FECRecovered = 0;
  /** Packets rebuilt by FEC that cannot be right. */
  FECErrs = 0;
  /** Parity packets received. */
  FECParityShards = 0;
  /** Gauge: FEC groups kept, of which more shards may come. */
  FECShardSet = 0;
  /** Gauge: number of the newest FEC group, which is what kcp-go has under this name; of several sessions the highest. */
  FECShardMin = 0;
  /** Gauge: segments queued. */
  RingBufferSndQueue = 0;
  /** Gauge: segments waiting for the reader. */
  RingBufferRcvQueue = 0;
  /** Gauge: segments in flight. */
  RingBufferSndBuffer = 0;
  /** Out-of-band packets received. */
  OOBPackets = 0;
}

/** A reading of all counters at one moment. */
export type Snmp = Readonly<Counters>;

const FIELDS = /* @__PURE__ */ Object.keys(/* @__PURE__ */ new Counters()) as (keyof Counters)[];

/** Adds each field of `summand` to `total`. */
export function addCounters(total: Counters, summand: Snmp): void {
  const newestGroup = Math.max(total.FECShardMin, summand.FECShardMin);
  for (const field of FIELDS) total[field] += summand[field];
  total.FECShardMin = newestGroup;
}
