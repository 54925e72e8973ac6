// What `arq` makes, and what it can tell.

import type { Observable, OperatorFunction } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import type { Message } from '../core/kcp/message.ts';
import type { TraceEvent, TraceKind } from '../core/kcp/trace.ts';
import type { Snmp } from '../counters/counters.ts';
import type { TunableOptions } from './options.ts';

/** Segments sent again, by what told that they were lost. */
export interface Retransmissions {
  /** Enough later segments were acknowledged (`resend`). */
  readonly fast: number;
  /** A later segment was acknowledged, and there was nothing new to send. */
  readonly early: number;
  /** The timeout ran out. */
  readonly timeout: number;
}

/** How one conversation is doing. Times in ms, windows in segments. */
export interface ArqStats {
  /** Retransmission timeout. */
  readonly rto: number;
  /** Smoothed round-trip time; 0 before the first sample. */
  readonly srtt: number;
  /** Variance of the round-trip time. */
  readonly rttvar: number;
  /** Congestion window, in segments of the MTU; 0 without a `controller`. */
  readonly cwnd: number;
  /** Congestion window up to which it grows fast; 0 without one. */
  readonly ssthresh: number;
  /** Sending rate, in bytes per second; undefined if no `controller` sets one. */
  readonly pacingRate: number | undefined;
  /** Own send window, as set. */
  readonly sendWindow: number;
  /** Own receive window, as set. */
  readonly receiveWindow: number;
  /** The peer's free receive window, as last told. */
  readonly remoteWindow: number;
  /** Segments sent and not acknowledged. */
  readonly inFlight: number;
  /** Segments that were never sent. */
  readonly queued: number;
  /** Bytes of those. */
  readonly queuedBytes: number;
  /** Segments received and not read. */
  readonly unread: number;
  /** Application bytes handed over. */
  readonly bytesSent: number;
  /** Application bytes delivered. */
  readonly bytesReceived: number;
  /** Packets sent. */
  readonly packetsSent: number;
  /** Packets received. */
  readonly packetsReceived: number;
  /** Bytes of the packets sent, headers included. */
  readonly wireBytesSent: number;
  /** Bytes of the packets received, headers included. */
  readonly wireBytesReceived: number;
  /** Segments sent, of all kinds, each time. */
  readonly segmentsSent: number;
  /** Segments received, of all kinds. */
  readonly segmentsReceived: number;
  /** Segments sent again. */
  readonly retransmissions: Retransmissions;
}

/** The two operators of one conversation, and its controls. */
export interface Arq {
  /** The conversation id, 0 … 4294967295. */
  readonly conv: number;
  /** Bursts of packets to messages in order. To be subscribed once. */
  readonly receive: OperatorFunction<Burst, Uint8Array>;
  /** Messages to bursts of packets: data, acks, probes and retransmissions. To be subscribed once. */
  readonly transmit: OperatorFunction<Message, Burst>;
  /** Stops the delivery of messages: they wait in the receive window, which closes. */
  pause(): void;
  /** Goes on delivering. */
  resume(): void;
  /** Whether the send window is full: what is handed over now waits. */
  readonly congested: boolean;
  /** Emits `congested`, now and on each change; completes when the conversation ends. */
  readonly congested$: Observable<boolean>;
  /**
   * Whether the conversation failed on this side: by `fail`, by a message that could not be sent, or by a source of messages that failed.
   * False if the peer, the network or a timeout has ended it.
   */
  readonly failedHere: boolean;
  /** Whether everything handed over has been acknowledged. */
  readonly drained: boolean;
  /** Calls `taken` when the send window has reached all messages handed over so far: at once, if it has. */
  whenTaken(taken: () => void, failed: (error: unknown) => void): void;
  /** @throws SendQueueFullError when handing over `message` now would break a cap. */
  checkRoom(message: Message): void;
  /** Ends the conversation at once, after one last flush: `transmit` and `receive` complete. What is unread is lost. */
  close(): void;
  /** The same with a failure: `transmit` fails with `error`, and so does `receive` after what is unread. */
  fail(error: unknown): void;
  /** Changes settings. @throws OptionError and changes nothing when one is out of range. */
  configure(changes: TunableOptions): void;
  /**
   * Says that the network is back: what has waited for an RTO is retransmitted at once, and waiting for answers begins afresh. Useful
   * when the system reports a new network; a conversation in use notices by itself.
   */
  kick(): void;
  /** Repeats acks and the receive window. Every peer accepts such a packet, and none answers it. */
  repeatAcks(): void;
  /** Most bytes a message can have now. */
  readonly messageMax: number;
  /** Measurements and windows, now. */
  stats(): ArqStats;
  /** kcp-go's counters for this conversation, as far as the ARQ counts them. */
  snmp(): Snmp;
  /**
   * What the conversation does, event by event: of `kinds`, or of all. Hot, in the order in which things happened; completes
   * when the conversation ends. Costs nothing without a subscriber. A listener may call methods; the resulting events are emitted after it returns.
   *
   * @throws OptionError when one of `kinds` is not a kind of event.
   * @see kcp-go kcp.go, KCP.SetLogger, KCPLogType.
   */
  trace$<K extends TraceKind>(...kinds: K[]): Observable<TraceEvent<K>>;
}
