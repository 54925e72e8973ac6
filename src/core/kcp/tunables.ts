// The settings of a conversation that the control block knows. What users may set them to, and the defaults:
// src/arq/options.ts.

import type { Counters } from '../../counters/counters.ts';
import type { Controlling } from '../congestion/congestion-control.ts';
import type { Bundling } from './bundle.ts';

/** What can be changed while a conversation runs. */
export interface Tunables {
  /** Smaller minimum RTO (30 ms instead of 100) and slower backoff (half an RTO a time). */
  nodelay: boolean;
  /** ms between flushes. */
  interval: number;
  /** Fast acks that make a segment lost; 0: none do. */
  resend: number;
  /** Limits segments in flight in addition to the windows; false or undefined means no such limit. */
  controller?: Controlling | false | undefined;
  /** Segments in flight and queued before a writer has to wait. */
  sendWindow: number;
  /** Segments kept for a reader that has not read them. */
  receiveWindow: number;
  /** Bytes of the largest packet, segment headers included. */
  mtu: number;
  /** Bytes instead of messages. */
  stream: boolean;
  /** What has segments go along with later datagrams, if anything does. */
  bundle?: Bundling | false;
  /** Acknowledge after every burst. */
  ackNoDelay: boolean;
  /** ms without an answer after which the link is dead; 0 is never. */
  deadAfter: number;
  /** Transmissions of one segment after which the link is dead; 0: their number does not matter. */
  deadLink: number;
  /** ms without a word from the peer that end the conversation; 0 is off. */
  idleTimeout: number;
}

/** What a control block is made with. */
export interface ControlBlockOptions extends Omit<Tunables, 'deadAfter' | 'deadLink'> {
  /** Default 0: never. */
  deadAfter?: number;
  /** Default 0: the number does not matter. */
  deadLink?: number;
  /** Conversation, any 32 bits. */
  conv: number;
  /** ms now, on the clock of all later calls. */
  now: number;
  /** Where the block counts. */
  counters: Counters;
  /** Packets after which a flush leaves off before new segments; `flushRest` goes on. Default: none does. */
  flight?: number;
  /**
   * Whether whoever takes packets lets go of them in the order in which they were taken: then the memory of a packet is written to
   * again once all its segments were acknowledged. Default false: it stays as it is.
   */
  sendsInOrder?: boolean;
  /** First sequence numbers of both ends, for tests of the wrap-around; 0 on the wire. */
  initialSn?: {
    /** Of this end. */
    send: number;
    /** Of the peer. */
    receive: number;
  };
}
