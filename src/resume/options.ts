// Every option of both ends of a resumable session.

import type { SchedulerLike } from 'rxjs';
import type { ReconnectingOptions } from '../../operators/reconnecting.ts';
import type { RandomSource } from '../bytes/random.ts';
import type { ResumeStore } from '../core/resume/record.ts';
import type { ResumeCoreOptions } from '../core/resume/settings.ts';

/** What both ends of a resumable session can be configured with. */
export interface ResumeOptions extends ResumeCoreOptions {
  /** ms that the first frame of the peer may take, before the connection is closed, 1 … 2147483647. Default 10000. */
  handshakeTimeout?: number | undefined;
  /**
   * ms that the session lives without a connection, 1 … 2147483647. Default: 60000 at a server; at a client what the server
   * has told.
   */
  expireAfter?: number | undefined;
  /**
   * Whether messages fail (`error`) or complete when the peer or the network has ended the session; `closed$` has the error in both cases.
   * Default: `error` at a client, `complete` at a server.
   */
  peerLoss?: 'error' | 'complete' | undefined;
  /**
   * Whether the session stays open for sending when the peer has finished and everything that it sent was read. Default false: then it
   * completes itself. `toDuplex` and `toWebStreams` see to that themselves.
   */
  allowHalfOpen?: boolean | undefined;
  /** Where ids and secrets come from. It must be unguessable. Default: the system's generator. */
  random?: RandomSource | undefined;
  /** The clock. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. See `monotonicScheduler`. */
  scheduler?: SchedulerLike | undefined;
}

/** Options of {@link resumable}. */
export interface ResumableOptions extends ResumeOptions {
  /** How to dial again; see `ReconnectingOptions` of `rxkcp/operators`. After `giveUp`, the session fails. */
  reconnect?: Omit<ReconnectingOptions, 'scheduler'> | undefined;
}

/** Options of {@link resumed}. */
export interface ResumedOptions extends ResumeOptions {
  /** Where sessions are kept. Servers with the same store can continue each other's sessions. Default: the memory of this operator. */
  store?: ResumeStore | undefined;
  /** Sessions at this server, with a connection or without, 1 … 2147483647; further ones are refused. Default 65536. */
  maxSessions?: number | undefined;
}
