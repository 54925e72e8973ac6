// A scenario: a line, its flows, and the results.

import type { SessionOptions } from 'rxkcp';
import type { CoDelOptions, TcpKind } from 'rxkcp/testing';

export interface LineOptions {
  /** Bytes per second, headers included. */
  readonly rate: number;
  /** Round-trip time without a queue, ms. */
  readonly rtt: number;
  /** Capacity of the queue: in round trips of the line (BDP), or in bytes. Default 1 BDP. */
  readonly buffer?: { readonly bdp: number } | { readonly bytes: number };
  readonly codel?: CoDelOptions;
  /** Share lost at random, after the line. Default 0. */
  readonly loss?: number;
  /** Share lost at random on the way back. Default 0. */
  readonly returnLoss?: number;
  /** ms that an arriving datagram may wait for others, at every end. Default 0. */
  readonly coalesce?: number;
}

/** As many bytes as go, or a message of `bytes` each `every` ms. */
export type Traffic = 'bulk' | { readonly bytes: number; readonly every: number };

interface FlowTimes {
  /** s. Default 0. */
  readonly startAt?: number;
  /** s. Default: the end. */
  readonly stopAt?: number;
}

export interface SessionFlowOptions extends FlowTimes {
  readonly kind: 'session';
  /** Default: mode `fast3`, stream, windows of 65,535. */
  readonly options?: SessionOptions;
  /** Default `bulk`. */
  readonly traffic?: Traffic;
  /** Bytes per second of the sender's own line, in front of the shared one. Default: as many as there are. */
  readonly access?: number;
}

/** Cross traffic: a bulk transfer of a TCP twin. */
export interface TcpFlowOptions extends FlowTimes {
  readonly kind: TcpKind;
}

export interface Scenario {
  readonly line: LineOptions;
  readonly flows: readonly (SessionFlowOptions | TcpFlowOptions)[];
  /** How long it runs, s. */
  readonly seconds: number;
  /** Changes of the line: s, bytes per second. */
  readonly changes?: readonly { readonly at: number; readonly rate: number }[];
  /** When measuring begins, s. Default: after a quarter. */
  readonly measureFrom?: number;
  /** ms between points of the series. Default 100. */
  readonly interval?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** What a flow has done so far. Bytes on the line include headers. */
export interface FlowTotals {
  /** Application bytes that have arrived in order. */
  readonly payload: number;
  /** Segments of data sent for the first time, and again. */
  readonly segments: number;
  readonly retransmitted: number;
  readonly datagrams: number;
  readonly dropped: number;
  readonly lineBytes: number;
  /** Bytes that the line carries for each application byte, if nothing is sent twice. */
  readonly expansion: number;
  /** Smoothed round-trip time, ms; 0 where it is not known. */
  readonly srtt: number;
  /** Latency of each message, ms. */
  readonly latencies: readonly number[];
  /** How the flow ended, if it did before its time. */
  readonly failure: string | undefined;
}

/** A flow in a scenario. */
export interface RunningFlow {
  totals(): FlowTotals;
  stop(): void;
}

export interface FlowResult {
  /** Application bytes per second. */
  readonly goodput: number;
  /** Goodput with its headers, as a share of what the line could carry. */
  readonly share: number;
  /** Retransmitted segments for each one sent. */
  readonly retransmitted: number;
  /** Bytes sent, for each byte of the goodput with its headers: 1 if nothing is sent twice. */
  readonly cost: number;
  /** Bytes sent, headers included, as a share of what the line could carry. */
  readonly sent: number;
  /** Dropped by the queue, for each datagram sent. */
  readonly dropped: number;
  /** ms; undefined where no message has arrived. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number } | undefined;
  /** Goodput of each interval, bytes per second. */
  readonly rates: readonly number[];
  /** Round-trip time as the sender measures it, at the end of each interval, ms. */
  readonly srtts: readonly number[];
  readonly failure: string | undefined;
}

export interface LineResult {
  /** Share of the line that was in use. */
  readonly utilisation: number;
  /** Bytes in the queue, and the same in BDP of the rate at that time. */
  readonly queue: { readonly median: number; readonly p99: number };
  readonly queueBdp: { readonly median: number; readonly p99: number };
  /** Bytes in the queue at the end of each interval. */
  readonly queues: readonly number[];
  /** Rate of the line at the end of each interval, and bytes per second that it has carried in it. */
  readonly rates: readonly number[];
  readonly carried: readonly number[];
}

export interface ScenarioResult {
  readonly flows: readonly FlowResult[];
  readonly line: LineResult;
  /** ms between points of the series. */
  readonly interval: number;
}
