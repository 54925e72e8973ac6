// What the processes of a soak tell each other, over the channel that node:child_process gives a fork.

import type { LoadSpec } from './loads.ts';
import type { Ports } from './profiles.ts';

/** What a process holds. */
export interface Sample {
  /** Bytes. */
  readonly rss: number;
  /** Bytes of V8's heaps, of all threads, and what they hold outside. */
  readonly heap: number;
  /** What V8 has taken from the system for its heaps, used or not: part of `rss`. */
  readonly committed: number;
  readonly external: number;
  /** Open files where the system tells (Linux), else what keeps the event loop alive. */
  readonly handles: number;
  readonly sessions: number;
  /** User and system time of the process so far. */
  readonly cpuSeconds: number;
  /** Whether garbage was collected just before. */
  readonly collected: boolean;
}

/** What one load has done so far. */
export interface LoadTotals {
  readonly id: number;
  readonly kind: string;
  /** Echoed, each compared with what was sent. */
  messages: number;
  bytes: number;
  /** Of the next echo, when it was another than the next. */
  lost: number;
  duplicates: number;
  sessions: number;
  /** Sessions that failed, by the code of their error. */
  readonly failed: Record<string, number>;
  oobSent: number;
  oobReceived: number;
}

/** What every process of the soak is started with. */
interface Settings {
  readonly seed: number;
  /** Of sessions, ms. */
  readonly idleTimeout: number;
  /** ms between samples; garbage is collected before the first of every so many. */
  readonly sampleEvery: number;
  readonly collectEvery: number;
  /** Path of the addon whose system calls fail when told to; none: only node:dgram's can. */
  readonly addon?: string | undefined;
}

export interface ServerSettings extends Settings {
  /** Threads that listen; 0: the main one does. */
  readonly threads: number;
  /** Other processes listen on the same ports. */
  readonly shared: boolean;
  /** Any free ones, unless given. */
  readonly ports?: Ports | undefined;
  /** A message is not echoed, and memory is kept, to see that it is found out. */
  readonly sabotaged?: boolean | undefined;
}

export interface ClientSettings extends Settings {
  readonly loads: readonly LoadSpec[];
  /** ms without an echo after which a load has stalled. */
  readonly stall: number;
}

/** To a process. */
export type Order =
  | { readonly order: 'errors'; readonly ms: number; readonly seed: number }
  | { readonly order: 'kill-worker'; readonly seed: number }
  | { readonly order: 'drop'; readonly seed: number }
  | { readonly order: 'drain' | 'sample' | 'stop' };

/** From a process. */
export type Word =
  | { readonly word: 'ready'; readonly ports?: Ports | undefined }
  | { readonly word: 'sample'; readonly sample: Sample; readonly loads: readonly LoadTotals[] }
  /** A client's session with that port has failed. */
  | { readonly word: 'failed'; readonly load: string; readonly port: number; readonly code: string }
  /** A server's session has failed, as is right when its client has left or was cut off. */
  | { readonly word: 'left'; readonly code: string }
  /** System calls that were made to fail, by the name of the error. */
  | { readonly word: 'errors'; readonly counts: Readonly<Record<string, number>> }
  | { readonly word: 'wrong'; readonly message: string }
  | { readonly word: 'worker-killed' | 'drained' };
