// What drives one control block: subscriptions, the timer, and the order of things when they call back.

import { Observable, type OperatorFunction, type SchedulerLike, type Subscriber } from 'rxjs';
import type { Arq, ArqStats } from '../operators/arq.ts';
import { Counters, type Snmp } from './counters.ts';
import {
  AlreadySubscribedError,
  DeadLinkError,
  IdleTimeoutError,
  InvalidMessageError,
  MessageTooLargeError,
  SendQueueFullError,
  SessionClosedError,
} from './errors.ts';
import { ControlBlock } from './kcp/control-block.ts';
import type { Burst } from './link/link.ts';
import { type ArqOptions, type ArqSettings, changedSettings, type TunableOptions } from './options.ts';
import { randomConv, systemRandom } from './random.ts';
import { monotonicScheduler } from './scheduler.ts';
import { type QueuedTimer, timerQueueOf } from './timer-queue.ts';
import { WindowWaiters } from './window-waiters.ts';

/** See `arq` for what it does; this is how. */
export class ArqDriver implements Arq {
  readonly conv: number;
  readonly receive: OperatorFunction<Burst, Uint8Array>;
  readonly transmit: OperatorFunction<Uint8Array, Burst>;
  readonly #scheduler: SchedulerLike;
  readonly #counters = new Counters();
  readonly #block: ControlBlock;
  readonly #waiters = new WindowWaiters();
  readonly #timer: QueuedTimer;
  readonly #queueBytesMax: number;
  readonly #queueSegmentsMax: number;
  #writeDelay: boolean;
  /** First segment of the message written last. */
  #lastWritten: number;
  #packets: Subscriber<Burst> | undefined = undefined;
  #messages: Subscriber<Uint8Array> | undefined = undefined;
  #receiveUsed = false;
  #transmitUsed = false;
  #paused = false;
  /** The source of messages has completed: end when all is acknowledged. */
  #finishing = false;
  /** Everything is acknowledged; until then late duplicates still get their acks. */
  #lingerUntil: number | undefined = undefined;
  #ended = false;
  #settling = false;

  constructor(options: ArqOptions, settings: ArqSettings) {
    const { scheduler = monotonicScheduler, random = systemRandom, conv = randomConv(random) } = options;
    const { writeDelay, sendQueueBytes, sendQueueSegments, ...tunables } = settings;
    this.conv = conv;
    this.#scheduler = scheduler;
    this.#writeDelay = writeDelay;
    this.#queueBytesMax = sendQueueBytes;
    this.#queueSegmentsMax = sendQueueSegments;
    this.#timer = timerQueueOf(scheduler).timer(() => this.#tick());
    this.#block = new ControlBlock({ ...tunables, conv, now: scheduler.now(), counters: this.#counters });
    this.#lastWritten = (this.#block.sending.end - 1) | 0;
    this.receive = (bursts) => this.#receive(bursts);
    this.transmit = (messages) => this.#transmit(messages);
  }

  get congested(): boolean {
    return !this.#block.canSend;
  }

  get drained(): boolean {
    return this.#block.drained;
  }

  get messageMax(): number {
    return this.#block.messageMax;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#settle();
  }

  whenTaken(taken: () => void, failed: (error: unknown) => void): void {
    if (this.#ended) {
      failed(new SessionClosedError(this.conv));
      return;
    }
    this.#waiters.add(this.#lastWritten, taken, failed);
    this.#notifyWaiters();
  }

  configure(changes: TunableOptions): void {
    const { writeDelay = this.#writeDelay, ...tunables } = changedSettings(changes);
    this.#writeDelay = writeDelay;
    this.#block.configure(tunables);
    this.#settle();
  }

  checkRoom(message: Uint8Array): void {
    const { sending, tunables } = this.#block;
    const waiting = sending.length - tunables.sendWindow;
    if (waiting >= this.#queueSegmentsMax) throw new SendQueueFullError('sendQueueSegments', this.#queueSegmentsMax);
    // The first to wait may be of any size, or a large message could never be sent.
    if (waiting > 0 && sending.unsentBytes + message.length > this.#queueBytesMax) {
      throw new SendQueueFullError('sendQueueBytes', this.#queueBytesMax);
    }
  }

  close(error?: unknown): void {
    if (this.#ended) return;
    this.#block.flush(this.#scheduler.now(), true);
    this.#emit();
    this.#end(error);
  }

  stats(): ArqStats {
    const { rtt, congestion, sending, receiving, tunables } = this.#block;
    const counters = this.#counters;
    return {
      rto: rtt.rto,
      srtt: rtt.srtt,
      rttvar: rtt.rttvar,
      cwnd: congestion.cwnd,
      ssthresh: congestion.ssthresh,
      sendWindow: tunables.sendWindow,
      receiveWindow: tunables.receiveWindow,
      remoteWindow: this.#block.remoteWindow,
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
    const { sending, receiving } = this.#block;
    return {
      ...this.#counters,
      RingBufferSndQueue: sending.queued,
      RingBufferRcvQueue: receiving.unread,
      RingBufferSndBuffer: sending.inFlight,
    };
  }

  #receive(bursts: Observable<Burst>): Observable<Uint8Array> {
    return new Observable((subscriber) => {
      if (this.#receiveUsed) throw new AlreadySubscribedError('receive');
      this.#receiveUsed = true;
      this.#messages = subscriber;
      subscriber.add(() => {
        this.#messages = undefined;
      });
      subscriber.add(
        bursts.subscribe({
          next: (burst) => this.#input(burst),
          error: (error) => this.#end(error),
          complete: () => this.#end(undefined),
        }),
      );
    });
  }

  #transmit(messages: Observable<Uint8Array>): Observable<Burst> {
    return new Observable((subscriber) => {
      if (this.#transmitUsed) throw new AlreadySubscribedError('transmit');
      this.#transmitUsed = true;
      this.#packets = subscriber;
      subscriber.add(() => {
        this.#packets = undefined;
        this.#timer.set(undefined);
      });
      subscriber.add(
        messages.subscribe({
          next: (message) => this.#write(message),
          error: (error) => this.close(error),
          complete: () => this.#finish(),
        }),
      );
      this.#settle();
    });
  }

  #input(burst: Burst): void {
    if (this.#ended) return;
    const now = this.#scheduler.now();
    this.#counters.InPkts += burst.length;
    for (const packet of burst) {
      this.#counters.InBytes += packet.length;
      if (!this.#block.input(packet, now)) this.#counters.KCPInErrors++;
    }
    // While lingering nothing will come along for an ack to wait for.
    if (this.#lingerUntil !== undefined && this.#block.hasAcks) this.#block.flush(now, true);
    else this.#block.flushAfterInput(now);
    this.#settle();
  }

  #write(message: Uint8Array): void {
    if (this.#ended || this.#finishing) return;
    try {
      checkMessage(message, this.#block.messageMax);
      this.checkRoom(message);
    } catch (error) {
      this.close(error);
      return;
    }
    const { canSend, sending } = this.#block;
    this.#lastWritten = sending.end;
    this.#block.send(message, this.#scheduler.now());
    this.#counters.BytesSent += message.length;
    // What lies beyond the window goes when acks move it (kcp-go sess.go, WriteBuffers: there the writer sleeps).
    if (canSend && (!this.#writeDelay || !this.#block.canSend)) this.#block.flush(this.#scheduler.now(), true);
    this.#settle();
  }

  #notifyWaiters(): void {
    this.#waiters.notify((this.#block.sending.una + this.#block.tunables.sendWindow) | 0);
  }

  #tick(): void {
    if (this.#ended) return;
    const now = this.#scheduler.now();
    if (this.#block.nextTimeout(now) === 0) this.#block.tick(now);
    this.#settle();
  }

  #finish(): void {
    if (this.#ended) return;
    this.#finishing = true;
    this.#settle();
  }

  /**
   * Brings the outside up to date: packets go out, messages go up, until nothing changes.
   * A subscriber may call back into this object meanwhile; then the round that is under way goes on with it.
   */
  #settle(): void {
    if (this.#settling || this.#ended) return;
    this.#settling = true;
    do {
      this.#emit();
      this.#notifyWaiters();
    } while (!this.#ended && (this.#deliver() || this.#block.hasBurst));
    this.#settling = false;
    if (!this.#ended) this.#rest();
  }

  #emit(): void {
    if (!this.#block.hasBurst) return;
    const burst = this.#block.takeBurst();
    this.#counters.OutPkts += burst.length;
    for (const packet of burst) this.#counters.OutBytes += packet.length;
    this.#packets?.next(burst);
  }

  /** Delivers what can be read. Returns whether there was anything. */
  #deliver(): boolean {
    if (!this.#block.receiving.readable) return false;
    let delivered = false;
    const now = this.#scheduler.now();
    while (!this.#paused && this.#messages !== undefined) {
      const message = this.#block.read(now);
      if (message === undefined) break;
      delivered = true;
      this.#counters.BytesReceived += message.length;
      this.#messages.next(message);
    }
    return delivered;
  }

  /** Nothing more to do now: ends the conversation if it is over, else sets the timer. */
  #rest(): void {
    const now = this.#scheduler.now();
    const { state, tunables } = this.#block;
    if (state === 'dead') this.#end(new DeadLinkError(this.conv, tunables.deadLink));
    else if (state === 'idle') this.#end(new IdleTimeoutError(this.conv, tunables.idleTimeout));
    else if (this.#finishing && this.#block.drained && this.#hasLingered(now)) this.#end(undefined);
    else this.#setTimer(now);
  }

  #setTimer(now: number): void {
    if (this.#packets === undefined) return;
    const timeout = this.#block.nextTimeout(now);
    const linger = this.#lingerUntil === undefined ? undefined : Math.max(this.#lingerUntil - now, 0);
    this.#timer.set(linger === undefined ? timeout : Math.min(linger, timeout ?? linger));
  }

  /**
   * The peer may not have got our last acks. If it sent data within the last two RTOs, stay for two more, or it
   * would take a conversation that ended well for a dead link.
   */
  #hasLingered(now: number): boolean {
    if (this.#lingerUntil === undefined) {
      if (this.#block.hasAcks) {
        this.#block.flush(now, true);
        this.#emit();
      }
      const patience = 2 * this.#block.rtt.rto;
      this.#lingerUntil = now - this.#block.dataReceivedAt < patience ? now + patience : now;
    }
    return now >= this.#lingerUntil;
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer.set(undefined);
    const messages = this.#messages;
    const packets = this.#packets;
    this.#waiters.fail(error ?? new SessionClosedError(this.conv));
    if (error === undefined) {
      packets?.complete();
      messages?.complete();
    } else {
      packets?.error(error);
      messages?.error(error);
    }
  }
}

/** @throws InvalidMessageError, MessageTooLargeError */
export function checkMessage(message: unknown, limit: number): void {
  if (!(message instanceof Uint8Array) || message.length === 0) throw new InvalidMessageError(message);
  if (message.length > limit) throw new MessageTooLargeError(message.length, limit);
}
