// A conversation across a bad network, in virtual time, and what is measured of it every ms.

import type { ArqStats, Retransmissions } from 'rxkcp';
import { burstsOf, type Impairments, type Pair, pair, type TranscriptEntry } from 'rxkcp/testing';
import { type Setting, sessionOptions } from './setting.ts';

/** What goes on, whatever the setting. Times in ms. */
export interface Scenario {
  /** Share of datagrams lost, each way. */
  readonly loss: number;
  /** Datagrams in a burst of losses, on average; 1: each is lost by itself. */
  readonly burst: number;
  readonly rtt: number;
  readonly jitter: number;
  /** How long messages are sent. */
  readonly length: number;
  /** Messages a second. */
  readonly rate: number;
  /** Bytes of a message. */
  readonly size: number;
  readonly seed: number;
}

/** The sender, at one ms and from then on. */
export interface Sample
  extends Pick<ArqStats, 'inFlight' | 'queued' | 'remoteWindow' | 'cwnd' | 'rto' | 'srtt' | 'retransmissions'> {
  readonly at: number;
}

export interface Run {
  readonly scenario: Scenario;
  readonly setting: Setting;
  /** What happened to datagrams. */
  readonly entries: readonly TranscriptEntry[];
  /** One for each ms at which something changed. */
  readonly samples: readonly Sample[];
  /** Messages sent. */
  readonly sent: number;
  /** Messages delivered, in order. */
  readonly deliveries: readonly { readonly at: number; readonly delay: number }[];
  /** Segments that a message is cut into. */
  readonly fragments: number;
  /** When the last thing happened. */
  readonly until: number;
  /** Bytes of all datagrams, both ways, for each byte of the messages. */
  readonly overhead: number;
  /** Datagrams that the receiver rebuilt. */
  readonly recovered: number;
  /** Segments sent again, by what told that they were lost. */
  readonly retransmissions: Retransmissions;
  /** Why the session was over before all had arrived. */
  readonly failure: string | undefined;
}

/** Virtual ms after which what has not arrived will not. */
const PATIENCE = 60_000;

/** The same arguments, the same run. */
export function simulate(scenario: Scenario, setting: Setting): Run {
  const ends = pair({
    seed: scenario.seed,
    keep: 0xffff_ffff,
    network: networkOf(scenario),
    options: sessionOptions(setting),
  });
  const { left, right, run, transcript } = ends;
  const deliveries: { at: number; delay: number }[] = [];
  right.delivered$.subscribe(({ at, delay }) => deliveries.push({ at, delay }));
  const fragments = Math.ceil(scenario.size / (left.session.messageMax / 255));
  const count = Math.max(Math.floor((scenario.length * scenario.rate) / 1000), 1);
  const samples: Sample[] = [];
  let sent = 0;
  let now = 0;
  for (; now <= scenario.length + PATIENCE && !isOver(ends, sent, count); now++) {
    run(now);
    for (; sent < count && (sent * 1000) / scenario.rate <= now && !left.session.closed; sent++) {
      left.send(new Uint8Array(scenario.size).fill(sent));
    }
    const sample = sampleOf(now, left.session.stats());
    if (!isSame(samples.at(-1), sample)) samples.push(sample);
  }
  const stats = left.session.stats();
  const failure = left.session.closed ? 'the session has given up: a segment was sent 20 times in vain' : undefined;
  const wire = stats.wireBytesSent + right.session.stats().wireBytesSent;
  const recovered = right.session.snmp().FECRecovered;
  ends.close();
  return {
    ...{ scenario, setting, samples, sent, deliveries, fragments, recovered },
    entries: transcript.entries,
    until: now,
    overhead: wire / (sent * scenario.size),
    retransmissions: stats.retransmissions,
    failure: failure ?? (deliveries.length < count ? 'it took too long' : undefined),
  };
}

function networkOf({ loss, burst, rtt, jitter }: Scenario): Impairments {
  const losses = burst === 1 || loss === 0 ? { loss } : { burstLoss: burstsOf(loss, burst) };
  return { ...losses, delay: rtt / 2, jitter };
}

function isOver({ left, right }: Pair, sent: number, count: number): boolean {
  if (left.session.closed) return true;
  const { inFlight, queued } = left.session.stats();
  return sent === count && right.outstandingBytes === 0 && inFlight + queued === 0;
}

function sampleOf(at: number, stats: ArqStats): Sample {
  const { inFlight, queued, remoteWindow, cwnd, rto, srtt, retransmissions } = stats;
  return { at, inFlight, queued, remoteWindow, cwnd, rto, srtt, retransmissions };
}

function isSame(a: Sample | undefined, b: Sample): boolean {
  return a !== undefined && JSON.stringify({ ...a, at: 0 }) === JSON.stringify({ ...b, at: 0 });
}
