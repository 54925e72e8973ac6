// A conversation as what can be looked at: its figures, its windows, its events. What drives it is the driver, which has all of this too.

import { random32, systemRandom } from '../bytes/random.ts';
import type { CongestionControl } from '../core/congestion/congestion-control.ts';
import { ControlBlock } from '../core/kcp/control-block.ts';
import type { Message } from '../core/kcp/message.ts';
import type { TraceEvent, TraceKind } from '../core/kcp/trace.ts';
import { Counters, type Snmp } from '../counters/counters.ts';
import { EventQueue } from '../rx/event-queue.ts';
import { Observable, type SchedulerLike } from '../rx/rxjs.ts';
import { clockOf } from '../time/clock.ts';
import type { ArqSettings } from './options.ts';
import { SendWindow } from './send-window.ts';
import { ofKinds } from './trace-kinds.ts';
import type { ArqStats } from './types.ts';

/** New segments that leave together: while the first of a full window are on their way, the next are written. */
const FLIGHT = 128;

export abstract class MeasuredConversation {
  readonly conv: number;
  /** @internal */
  readonly scheduler: SchedulerLike;
  /**
   * ms by which the conversation's clock, which its timestamps show, is ahead of the scheduler's. Of a session 32 random bits: peers only echo
   * timestamps, so who knows one is who was sent it. Of `arq` alone 0.
   */
  readonly #ahead: number;
  /** The layers below, in a session, count here what is not theirs alone. @internal */
  readonly counters = new Counters();
  /** @internal */
  readonly block: ControlBlock;
  /** @internal */
  readonly window: SendWindow;
  /** The block's trace events, for its subscribers; undefined until the first one. @internal */
  trace: EventQueue<TraceEvent> | undefined;

  constructor(settings: ArqSettings) {
    const {
      random = systemRandom,
      conv = random32(random),
      scheduler,
      writeDelay,
      sendQueueBytes,
      sendQueueSegments,
      farewell,
      ...tunables
    } = settings;
    this.conv = conv;
    this.scheduler = clockOf(scheduler);
    this.#ahead = farewell ? random32(random) : 0;
    const block = { ...tunables, conv, now: this.now(), counters: this.counters, flight: FLIGHT };
    this.block = new ControlBlock(block, farewell);
    this.window = new SendWindow(this.block, sendQueueBytes, sendQueueSegments);
  }

  get congested(): boolean {
    return !this.block.canSend;
  }

  get congested$(): Observable<boolean> {
    return this.window.full$;
  }

  get drained(): boolean {
    return this.block.drained;
  }

  get messageMax(): number {
    return this.block.messageMax;
  }

  checkRoom(message: Message): void {
    this.window.checkRoom(message);
  }

  /** The time on the conversation's own clock. */
  protected now(): number {
    return this.scheduler.now() + this.#ahead;
  }

  stats(): ArqStats {
    const counters = this.counters;
    const { rtt, sending, receiving, tunables, remoteWindow } = this.block;
    const { cwnd = 0, ssthresh = 0, pacingRate }: Partial<CongestionControl> = sending.congestion ?? {};
    return {
      rto: rtt.rto,
      srtt: rtt.srtt,
      rttvar: rtt.rttvar,
      cwnd,
      ssthresh,
      pacingRate,
      sendWindow: tunables.sendWindow,
      receiveWindow: tunables.receiveWindow,
      remoteWindow,
      inFlight: sending.inFlight,
      queued: sending.queued,
      queuedBytes: sending.unsentBytes,
      unread: receiving.unread,
      bytesSent: counters.BytesSent,
      bytesReceived: counters.BytesReceived,
      packetsSent: counters.OutPkts,
      packetsReceived: counters.InPkts,
      wireBytesSent: counters.OutBytes,
      wireBytesReceived: counters.InBytes,
      segmentsSent: counters.OutSegs,
      segmentsReceived: counters.InSegs,
      retransmissions: {
        fast: counters.FastRetransSegs,
        early: counters.EarlyRetransSegs,
        timeout: counters.LostSegs,
      },
    };
  }

  snmp(): Snmp {
    const { sending, receiving } = this.block;
    return {
      ...this.counters,
      RingBufferSndQueue: sending.queued,
      RingBufferRcvQueue: receiving.unread,
      RingBufferSndBuffer: sending.inFlight,
    };
  }

  trace$<K extends TraceKind>(...kinds: K[]): Observable<TraceEvent<K>> {
    const { block } = this;
    return new Observable<TraceEvent>((subscriber) => {
      this.trace ??= new EventQueue();
      const { trace } = this;
      block.tracer = (event) => trace.keep(event);
      trace.subscribe(subscriber);
      return () => {
        if (trace.observed) return;
        block.tracer = undefined;
        // Whoever comes next hears nothing old.
        trace.clear();
      };
    }).pipe(ofKinds(kinds));
  }
}
