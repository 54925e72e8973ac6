// kcp-go's counters for the whole process. Sessions count for themselves; a total is made when someone asks.

import { addCounters, Counters, type Snmp } from './counters.ts';

/** Something that lives and counts: its counters with the gauges brought up to date. */
export interface CounterSource {
  snmp(): Snmp;
}

const live = new Set<CounterSource>();
let past = new Counters();
let maxConn = 0;

/** Counts of packets that belong to no session: for sockets. */
export function processCounters(): Counters {
  return past;
}

/** A session begins. */
export function sessionOpened(source: CounterSource, kind: 'active' | 'passive'): void {
  live.add(source);
  if (kind === 'active') past.ActiveOpens++;
  else past.PassiveOpens++;
  maxConn = Math.max(maxConn, live.size);
}

/** A session has ended: its counts stay in the total, its gauges do not. */
export function sessionClosed(source: CounterSource): void {
  if (!live.delete(source)) return;
  addCounters(past, {
    ...source.snmp(),
    RingBufferSndQueue: 0,
    RingBufferRcvQueue: 0,
    RingBufferSndBuffer: 0,
    FECShardSet: 0,
    FECShardMin: 0,
  });
}

/** The counters of all sessions of this process, past and present: kcp-go's `DefaultSnmp.Copy()`. */
export function snmp(): Snmp {
  const total = new Counters();
  addCounters(total, past);
  for (const source of live) addCounters(total, source.snmp());
  total.CurrEstab = live.size;
  total.MaxConn = maxConn;
  return total;
}

/** Sets what was counted by ended sessions and sockets to zero: kcp-go's `DefaultSnmp.Reset()`. */
export function resetSnmp(): void {
  past = new Counters();
  maxConn = live.size;
}
