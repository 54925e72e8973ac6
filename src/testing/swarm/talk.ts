// One session of a swarm: what was sent in it, what has arrived, and how it ended.

import type { SessionEnd } from '../../session/end.ts';
import type { Session } from '../../session/session.ts';
import type { Side } from '../transcript.ts';
import type { SwarmChannel } from './protocol.ts';

export class Talk {
  /** `left 2`: the second session of the left end. */
  readonly name: string;
  readonly side: Side;
  readonly session: Session;
  readonly conv: number;
  channel: SwarmChannel | undefined;
  readonly sent: Uint8Array[] = [];
  /** When each was sent. */
  readonly sentAt: number[] = [];
  sentBytes = 0;
  /** The session of the other end whose messages arrive here. Set with the first of them. */
  source: Talk | undefined;
  /** Messages that have arrived whole. */
  received = 0;
  receivedBytes = 0;
  /** When the last one arrived. */
  receivedAt = -Infinity;
  /** Without message boundaries: bytes of the next message that have arrived. */
  offset = 0;
  end: SessionEnd | undefined;
  endedAt = Infinity;
  /** Whether the messages have ended. */
  isReadOut = false;
  /** When `complete` was called. */
  completedAt = Infinity;
  /** The plan has closed it, or killed its end: what had arrived and was not read is gone. */
  isDiscarded = false;
  /** Whether its reader is stopped; and whether it was when the session ended. */
  isPaused = false;
  isEndedPaused = false;
  /** Calls of `send$` that neither completed nor failed. */
  waiting = 0;
  deadAfter: number;
  idleTimeout: number;
  deadLink: number;

  /** When it was opened, ms after the beginning. */
  readonly openedAt: number;

  constructor(
    session: Session,
    side: Side,
    number: number,
    openedAt: number,
    { deadAfter = 30_000, idleTimeout = 0, deadLink = 0 }: Limits,
  ) {
    this.session = session;
    this.side = side;
    this.openedAt = openedAt;
    this.name = `${side} ${number}`;
    this.conv = session.conv;
    this.deadAfter = deadAfter;
    this.idleTimeout = idleTimeout;
    this.deadLink = deadLink;
  }

  get isOpen(): boolean {
    return this.end === undefined;
  }

  get isCompleting(): boolean {
    return this.completedAt !== Infinity;
  }

  /** Whether it takes messages. */
  get isTaking(): boolean {
    return this.isOpen && !this.isCompleting;
  }
}

/** Settings that say how long a session waits for its peer. */
export interface Limits {
  readonly deadAfter?: number | undefined;
  readonly idleTimeout?: number | undefined;
  readonly deadLink?: number | undefined;
}
