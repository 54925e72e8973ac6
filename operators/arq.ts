import { Observable, type OperatorFunction, type SchedulerLike, type Subscriber } from 'rxjs';
import { Counters, type Snmp } from '../src/counters.ts';
import {
  AlreadySubscribedError,
  DeadLinkError,
  IdleTimeoutError,
  InvalidMessageError,
  MessageTooLargeError,
  SendQueueFullError,
  SessionClosedError,
} from '../src/errors.ts';
import { ControlBlock } from '../src/kcp/control-block.ts';
import type { Burst } from '../src/link/link.ts';
import {
  type ArqOptions,
  type ArqSettings,
  arqSettings,
  changedSettings,
  type TunableOptions,
} from '../src/options.ts';
import { randomConv, systemRandom } from '../src/random.ts';
import { monotonicScheduler } from '../src/scheduler.ts';
import { type QueuedTimer, timerQueueOf } from '../src/timer-queue.ts';
import { WindowWaiters } from '../src/window-waiters.ts';

/** How one conversation is doing. Times in ms, windows in segments. */
export interface ArqStats {
  /** Retransmission timeout. */
  readonly rto: number;
  /** Smoothed round-trip time; 0 before the first sample. */
  readonly srtt: number;
  /** Variance of the round-trip time. */
  readonly rttvar: number;
  /** Congestion window; without meaning when the mode has `nc`. */
  readonly cwnd: number;
  readonly ssthresh: number;
  readonly sendWindow: number;
  readonly receiveWindow: number;
  /** The peer's free receive window, as last told. */
  readonly remoteWindow: number;
  /** Segments sent and not acknowledged. */
  readonly inFlight: number;
  /** Segments, and their bytes, that were never sent. */
  readonly queued: number;
  readonly queuedBytes: number;
  /** Segments received that nobody has read. */
  readonly unread: number;
  /** Application bytes handed over, and delivered. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly segmentsSent: number;
  readonly segmentsReceived: number;
  /** Segments sent again, by what told that they were lost. */
  readonly retransmissions: { readonly fast: number; readonly early: number; readonly timeout: number };
}

/** The two operators of one conversation, and its controls. */
export interface Arq {
  /** The conversation id, 0 … 4294967295. */
  readonly conv: number;
  /** Bursts of packets to messages in order. To be subscribed once. */
  readonly receive: OperatorFunction<Burst, Uint8Array>;
  /** Messages to bursts of packets: data, acks, probes and retransmissions. To be subscribed once. */
  readonly transmit: OperatorFunction<Uint8Array, Burst>;
  /** Stops the delivery of messages: they wait in the receive window, which closes. */
  pause(): void;
  /** Goes on delivering. */
  resume(): void;
  /** Whether the send window is full: what is handed over now waits. */
  readonly congested: boolean;
  /** Calls `taken` when the send window has reached all messages handed over so far: at once, if it has. */
  whenTaken(taken: () => void, failed: (error: unknown) => void): void;
  /** @throws SendQueueFullError when handing over `message` now would break a cap. */
  checkRoom(message: Uint8Array): void;
  /** Ends the conversation at once, after one last flush. `receive` and `transmit` complete, or fail with `error`. */
  close(error?: unknown): void;
  /** Changes settings. @throws OptionError and changes nothing when one is out of range. */
  configure(changes: TunableOptions): void;
  /** Most bytes a message can have now. */
  readonly messageMax: number;
  stats(): ArqStats;
  /** kcp-go's counters for this conversation, as far as the ARQ counts them. */
  snmp(): Snmp;
}

/**
 * Reliability: one KCP conversation as a pair of operators over one control block.
 *
 * `receive` takes the peer's packets and emits its messages, each once, in order. `transmit` takes messages and
 * emits the packets that carry them, and, whenever they are due, acks, window probes and retransmissions.
 * The two belong together: `transmit` has to be subscribed for `receive` to acknowledge anything.
 *
 * ```
 * receive    packets   --[0]--[2]--[1]--------------->
 *            messages  --a---------(bc)-------------->
 *
 * transmit   messages  --a--------------------------->
 *            packets   --[a]-----[a]------[a]---- …    never acknowledged: at 0, one RTO, one RTO and a half more
 * ```
 *
 * When the source of `transmit` completes, both complete as soon as everything is acknowledged. Both fail with
 * {@link DeadLinkError} when a segment was transmitted `deadLink` times, with {@link IdleTimeoutError} when nothing
 * was heard for `idleTimeout`. A malformed packet is counted (`KCPInErrors`) and dropped.
 *
 * Messages are copied before `transmit` returns from taking them; those beyond the send window wait, under the caps
 * `sendQueueBytes` and `sendQueueSegments` ({@link SendQueueFullError}). Packets received may be kept, and messages delivered may be views of them.
 *
 * Time comes from `scheduler` alone: one pending action at the next deadline, none when there is nothing to wait for.
 *
 * @example
 * const { receive, transmit } = arq({ conv: 7, mode: 'fast3' });
 * link.incoming.pipe(receive).subscribe(message => console.log(message));
 * of(hello).pipe(transmit).subscribe(link.outgoing);
 *
 * @param options settings of the conversation; see {@link ArqOptions} for ranges and defaults.
 * @throws OptionError at once, naming the option that is wrong.
 * @see kcp-go kcp.go (KCP) and sess.go (UDPSession.update, WriteBuffers, kcpInput).
 */
export function arq(options: ArqOptions = {}): Arq {
  return new ArqDriver(options, arqSettings(options));
}

class ArqDriver implements Arq {
  readonly conv: number;
  readonly receive: OperatorFunction<Burst, Uint8Array>;
  readonly transmit: OperatorFunction<Uint8Array, Burst>;
  readonly #scheduler: SchedulerLike;
  readonly #counters = new Counters();
  readonly #block: ControlBlock;
  readonly #waiters = new WindowWaiters();
  readonly #timer: QueuedTimer;
  readonly #queueLimits: { readonly bytes: number; readonly segments: number };
  #writeDelay: boolean;
  /** First segment of the message written last. */
  #lastWritten: number;
  #packets: Subscriber<Burst> | undefined = undefined;
  #messages: Subscriber<Uint8Array> | undefined = undefined;
  #used = { receive: false, transmit: false };
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
    this.#queueLimits = { bytes: sendQueueBytes, segments: sendQueueSegments };
    this.#timer = timerQueueOf(scheduler).timer(() => this.#tick());
    this.#block = new ControlBlock({ ...tunables, conv, now: scheduler.now(), counters: this.#counters });
    this.#lastWritten = (this.#block.sending.end - 1) | 0;
    this.receive = (bursts) => this.#receive(bursts);
    this.transmit = (messages) => this.#transmit(messages);
  }

  get congested(): boolean {
    return !this.#block.canSend;
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
    const { bytes, segments } = this.#queueLimits;
    if (waiting >= segments) throw new SendQueueFullError('sendQueueSegments', segments);
    // The first to wait may be of any size, or a large message could never be sent.
    if (waiting > 0 && sending.unsentBytes + message.length > bytes) {
      throw new SendQueueFullError('sendQueueBytes', bytes);
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
      if (this.#used.receive) throw new AlreadySubscribedError('receive');
      this.#used.receive = true;
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
      if (this.#used.transmit) throw new AlreadySubscribedError('transmit');
      this.#used.transmit = true;
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
    for (const packet of burst) {
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
