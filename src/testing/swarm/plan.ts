// What happens in one run of a swarm, as plain data: it can be printed, pasted and changed by hand.

import type { SessionOptions, SessionTunableOptions } from '../../session/options.ts';
import type { ImpairOptions } from '../impair.ts';
import type { Side } from '../transcript.ts';

/** Settings of the sessions of one end of a swarm. */
export type SwarmSettings = Readonly<
  Pick<
    SessionOptions,
    | 'mode'
    | 'sendWindow'
    | 'receiveWindow'
    | 'mtu'
    | 'stream'
    | 'ackNoDelay'
    | 'writeDelay'
    | 'idleTimeout'
    | 'deadAfter'
    | 'deadLink'
    | 'sendQueueSegments'
    | 'rateLimit'
    | 'duplicates'
    | 'fec'
  >
>;

/** Settings that an operation changes while a session runs. */
export type SwarmChanges = Readonly<Omit<SessionTunableOptions, 'rateLimit'>>;

/** What is done at one end. If that has no session at that moment, nothing is. */
interface AtSide {
  /** The end: the one that dials (`left`), or the one that listens (`right`). */
  readonly side: Side;
}

/** Sends messages, each in the session of its moment. */
export interface SwarmSend extends AtSide {
  /** What it is. */
  readonly do: 'send';
  /** Bytes of each message. */
  readonly bytes: number;
  /** Messages. Default 1. */
  readonly count?: number;
  /** ms from one to the next. Default 0. */
  readonly gap?: number;
}

/** Stops reading. */
export interface SwarmPause extends AtSide {
  /** What it is. */
  readonly do: 'pause';
  /** For how long, ms. Default: until something resumes it. */
  readonly duration?: number;
}

/** Calls the session's method of that name. */
export interface SwarmCall extends AtSide {
  /** Which one. */
  readonly do: 'resume' | 'kick' | 'complete' | 'close';
}

/** Changes settings of the session. */
export interface SwarmConfigure extends AtSide {
  /** What it is. */
  readonly do: 'configure';
  /** The settings. */
  readonly changes: SwarmChanges;
}

/**
 * Kills the process of the end, which loses its memory, and its last words. When a server comes back, what is in flight is lost: nothing
 * in KCP tells a server that a datagram was meant for the one before it.
 */
export interface SwarmRestart extends AtSide {
  /** What it is. */
  readonly do: 'restart';
  /** ms until it is back, with a new session or a new server. Default: never. */
  readonly down?: number;
}

/** The left end closes its session, if it has one, and dials again from the same address. What is in flight arrives. */
export interface SwarmRedial {
  /** What it is. */
  readonly do: 'redial';
  /** ms in between. Default 0. */
  readonly gap?: number;
}

/** Nothing comes through. */
export interface SwarmBlackout {
  /** What it is. */
  readonly do: 'blackout';
  /** For how long, ms. */
  readonly duration: number;
  /** The end whose datagrams do not come through. Default: both. */
  readonly from?: Side;
}

/** The clock of the end jumps. Its timers come when they would have come. */
export interface SwarmJump extends AtSide {
  /** What it is. */
  readonly do: 'jump';
  /** By how much, ms. */
  readonly ms: number;
}

/** Forged datagrams arrive at the end. */
export interface SwarmGarbage extends AtSide {
  /** What it is. */
  readonly do: 'garbage';
  /**
   * Random bytes; the beginning of a datagram that was sent; or one with a bit turned over. Bare KCP has no checksum, so `flipped` needs a
   * plan that is `sealed`, and so does `cut` with FEC.
   */
  readonly kind: 'noise' | 'cut' | 'flipped';
  /** Bytes of each, if it is `noise`. */
  readonly bytes: number;
  /** Datagrams. Default 1. */
  readonly count?: number;
}

/** What an operation does. */
export type SwarmDeed =
  | SwarmSend
  | SwarmPause
  | SwarmCall
  | SwarmConfigure
  | SwarmRestart
  | SwarmRedial
  | SwarmBlackout
  | SwarmJump
  | SwarmGarbage;

/** When something is done. */
export interface SwarmMoment {
  /** Virtual ms after the beginning. */
  readonly at: number;
}

/** What is done, and when. */
export type SwarmOperation = SwarmDeed & SwarmMoment;

/** One run of a swarm. The same plan gives the same run, on any machine. */
export interface SwarmPlan {
  /** What chance is drawn from: the network's, the sessions', and what messages contain. Any 32-bit integer. */
  readonly seed: number;
  /** What the clocks show at first, ms. Default 0. */
  readonly start?: number | undefined;
  /** Whether datagrams are sealed. Default false. */
  readonly sealed?: boolean | undefined;
  /** Whether the memory of acknowledged datagrams is written to again: `Link.sendsInOrder`. Default false. */
  readonly inOrder?: boolean | undefined;
  /** Settings of the end that dials. */
  readonly left: SwarmSettings;
  /** Settings of the end that listens. */
  readonly right: SwarmSettings;
  /** What the network does until it heals; after that only `delay` and `jitter` are left. `outgoing` is from left to right. */
  readonly network: Omit<ImpairOptions, 'seed' | 'scheduler' | 'watch'>;
  /** What is done, in any order. */
  readonly operations: readonly SwarmOperation[];
  /** When the network heals, ms after the beginning, if the last operation is over. Default: then. */
  readonly healsAt?: number | undefined;
}

/** When the network heals, ms after the beginning. */
export function healingOf({ operations, healsAt = 0 }: SwarmPlan): number {
  return Math.max(healsAt, ...operations.map(endOf));
}

/** When an operation is over, ms after the beginning. */
export function endOf(operation: SwarmOperation): number {
  const { at } = operation;
  if (operation.do === 'send') return at + ((operation.count ?? 1) - 1) * (operation.gap ?? 0);
  if (operation.do === 'restart') return at + (operation.down ?? 0);
  if (operation.do === 'redial') return at + (operation.gap ?? 0);
  return operation.do === 'blackout' || operation.do === 'pause' ? at + (operation.duration ?? 0) : at;
}

/** Whether all sessions of a plan keep message boundaries. */
export function hasBorders({ left, right, operations }: SwarmPlan): boolean {
  if (left.stream || right.stream) return false;
  return !operations.some((operation) => operation.do === 'configure' && operation.changes.stream);
}
