// What users put on sessions in a swarm.

import type { Observable, SchedulerLike } from 'rxjs';
import type { Session } from '../../session/session.ts';
import type { Side } from '../transcript.ts';

/** What a protocol is told of the session that it is on. */
export interface SwarmEnd {
  /** Which end the session is of: `left` dials, `right` listens. */
  readonly side: Side;
  /** The clock of that end. */
  readonly scheduler: SchedulerLike;
  /** Reports that the protocol has found something wrong: that is the finding of the run, of the kind `protocol`. */
  fail(what: string): void;
}

/** A protocol on one session, as the swarm sees it: messages in, messages out. */
export interface SwarmChannel {
  /** What has arrived, to be compared with what the other end was given to send. It is subscribed to once, at once. */
  readonly messages: Observable<Uint8Array>;
  /** Sends one message. */
  send(message: Uint8Array): void;
  /** Sends what is left, and completes the session. Default: completes the session at once. */
  complete?(): void;
  /** Whether messages arrive one by one, as they were sent; else only their bytes are compared. Default true. */
  readonly bordered?: boolean | undefined;
}

/**
 * A protocol on sessions: called for each session of either end, within the handler of `connect` or `listen`. The swarm sends by what it
 * returns, and reads from it; it pauses, configures, completes and closes the session itself.
 */
export type SwarmProtocol = (session: Session, end: SwarmEnd) => SwarmChannel;
