// How long a soak takes, and what is done when.

import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { GrowthBounds } from './growth.ts';
import { type Entry, LOADS } from './loads.ts';

export interface Plan {
  readonly seed: number;
  /** KiB a second that all bulk loads send together. */
  readonly rate: number;
  /** ms, from the first message until no more are sent; longer, when not all loads have done their `least` by then. */
  readonly length: number;
  /** Messages that each load has back in the end, at least. */
  readonly least: number;
  /** Client processes; the second one has no native link. */
  readonly clients: number;
  /** What each of them does. */
  readonly loads: readonly Entry[];
  /** ms at the beginning that tell nothing about memory. */
  readonly warmUp: number;
  /** ms between the end of a fault and the next one, and between two changes of the network. */
  readonly pause: number;
  /** ms after a breaking fault in which sessions with what it broke may still fail because of it. No fault begins in that time. */
  readonly recovery: number;
  /** All of them in each round, each time in another order. */
  readonly faults: readonly FaultKind[];
  /** Of sessions, ms. */
  readonly idleTimeout: number;
  /** ms without an echo after which a load has stalled; also what draining may take. */
  readonly stall: number;
  /** ms. */
  readonly sampleEvery: number;
  /** Samples, garbage being collected before the first of them. */
  readonly collectEvery: number;
  readonly bounds: GrowthBounds;
  /** The programs, compiled. */
  readonly programs: string;
  /** The build of the addon for specs; without it no system call of the native link fails. */
  readonly addon?: string | undefined;
  /** The kcp-go peer; without it, only rxkcp takes part. */
  readonly goPeer?: string | undefined;
  /** Servers lose a message and keep memory: for the spec, to see that it is found out. */
  readonly sabotaged?: boolean | undefined;
}

const MIB = 2 ** 20;
const IDLE = 15_000;
/**
 * A client may take so long to notice a fault. When the system has given its packets to another server, its own goes on sending
 * until it misses them itself, for IDLE; then it misses its own for as long. And if it sends out of band, the other server makes a
 * session of that, asks for its window and is heard: the client has to wait for its dead link, 430 RTOs.
 */
const RECOVERY = 75_000;
/** Minutes: in a shorter soak V8 still makes itself comfortable when it ends. */
const SHORT = 20;

/** A soak of `minutes`. */
export function planOf(minutes: number, rest: Pick<Plan, 'seed' | 'rate' | 'programs' | 'addon' | 'goPeer'>): Plan {
  const length = minutes * 60_000;
  return {
    ...rest,
    length,
    least: 1,
    clients: 2,
    loads: LOADS,
    warmUp: length / 6,
    pause: Math.min(8_000, length / 60),
    recovery: RECOVERY,
    faults: FAULT_KINDS,
    idleTimeout: IDLE,
    stall: 120_000,
    sampleEvery: Math.min(10_000, length / 60),
    collectEvery: 6,
    bounds: { share: 0.1, bytes: (minutes < SHORT ? 32 : 8) * MIB },
  };
}
