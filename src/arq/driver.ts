// What drives one control block: subscriptions, the timer, and the order of things when they call back.

import { Observable, type OperatorFunction, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';
import { randomConv, systemRandom } from '../bytes/random.ts';
import { isRecovered } from '../core/fec/recovered-packet.ts';
import { ControlBlock } from '../core/kcp/control-block.ts';
import { checkMessage, lengthOf, type Message } from '../core/kcp/message.ts';
import type { TraceEvent, TraceKind } from '../core/kcp/trace.ts';
import { Counters, type Snmp } from '../counters/counters.ts';
import {
  AlreadySubscribedError,
  DeadLinkError,
  IdleTimeoutError,
  SendQueueFullError,
  SessionClosedError,
} from '../errors.ts';
import type { Burst } from '../link/link.ts';
import { monotonicScheduler } from '../time/scheduler.ts';
import { type QueuedTimer, timerQueueOf } from '../time/timer-queue.ts';
import { Linger } from './linger.ts';
import { type ArqOptions, type ArqSettings, runningSettings, type TunableOptions } from './options.ts';
import { arqSnmp, arqStats } from './stats.ts';
import { TraceFeed } from './trace-feed.ts';
import type { Arq, ArqMemorySettings, ArqStats } from './types.ts';
import { WindowWaiters } from './window-waiters.ts';

/** How a conversation ended. */
interface Outcome {
  readonly failed: boolean;
  readonly error?: unknown;
}

/** ms by which a timer of a healthy process may be late. */
const LATE_MAX = 5;
/** New segments that leave together: while the first of a full window are on their way, the next are written. */
const FLIGHT = 128;
/** In stream mode, most bytes delivered at once. */
const STREAM_READ_MAX = 65_536;

/** See `arq` for what it does; this is how. */
export class ArqDriver implements Arq {
  readonly conv: number;
  readonly receive: OperatorFunction<Burst, Uint8Array>;
  readonly transmit: OperatorFunction<Message, Burst>;
  readonly #scheduler: SchedulerLike;
  readonly #counters = new Counters();
  readonly #block: ControlBlock;
  readonly #waiters = new WindowWaiters();
  readonly #timer: QueuedTimer;
  readonly #trace: TraceFeed;
  readonly #headroom: number;
  readonly #queueBytesMax: number;
  readonly #queueSegmentsMax: number;
  #writeDelay: boolean;
  /** First segment of the message written last. */
  #lastWritten: number;
  #packets: Subscriber<Burst> | undefined = undefined;
  #incoming: Subscription | undefined = undefined;
  #messages: Subscriber<Uint8Array> | undefined = undefined;
  #receiveUsed = false;
  #transmitUsed = false;
  #paused = false;
  /** The source of messages has completed: end when all is acknowledged. */
  #finishing = false;
  /** From when everything was acknowledged after that: late duplicates still get their acks, for a while. */
  readonly #linger: Linger;
  #outcome: Outcome | undefined = undefined;
  /** Closed by the user, who wants no more messages. */
  #discarding = false;
  #settling = false;

  constructor(options: ArqOptions, settings: ArqSettings, { lent, headroom, reused }: ArqMemorySettings) {
    const { scheduler = monotonicScheduler, random = systemRandom, conv = randomConv(random) } = options;
    const { writeDelay, sendQueueBytes, sendQueueSegments, ...tunables } = settings;
    this.conv = conv;
    this.#headroom = headroom;
    this.#scheduler = scheduler;
    this.#writeDelay = writeDelay;
    this.#queueBytesMax = sendQueueBytes;
    this.#queueSegmentsMax = sendQueueSegments;
    this.#timer = timerQueueOf(scheduler).timer(() => this.#tick());
    const counters = this.#counters;
    this.#block = new ControlBlock({
      ...tunables,
      conv,
      now: scheduler.now(),
      counters,
      flight: FLIGHT,
      lent,
      headroom,
      reused,
    });
    this.#linger = new Linger(this.#block, LATE_MAX);
    this.#trace = new TraceFeed((tracer) => {
      this.#block.tracer = tracer;
    });
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
    if (this.#outcome !== undefined) {
      failed(new SessionClosedError(this.conv));
      return;
    }
    this.#waiters.add(this.#lastWritten, taken, failed);
    this.#notifyWaiters();
  }

  configure(changes: TunableOptions): void {
    const { writeDelay = this.#writeDelay, ...tunables } = runningSettings(changes);
    this.#writeDelay = writeDelay;
    this.#block.configure(tunables, this.#scheduler.now());
    this.#settle();
  }

  checkRoom(message: Message): void {
    const length = lengthOf(message);
    const { sending, tunables, mss } = this.#block;
    const waiting = sending.length - tunables.sendWindow;
    const waitingThen = waiting + Math.ceil(length / mss);
    if (waitingThen <= 0) return;
    // The first message to wait may be of any size, or a large one could never be sent; a stream can be cut anywhere.
    if (waiting <= 0 && !tunables.stream) return;
    if (waitingThen > this.#queueSegmentsMax) throw new SendQueueFullError('sendQueueSegments', this.#queueSegmentsMax);
    if (sending.unsentBytes + length > this.#queueBytesMax) {
      throw new SendQueueFullError('sendQueueBytes', this.#queueBytesMax);
    }
  }

  close(): void {
    if (this.#outcome !== undefined) return;
    this.#discarding = true;
    this.#flushLast();
    this.#end({ failed: false });
  }

  fail(error: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#flushLast();
    this.#end({ failed: true, error });
  }

  stats(): ArqStats {
    return arqStats(this.#block, this.#counters);
  }

  snmp(): Snmp {
    return arqSnmp(this.#block, this.#counters);
  }

  trace$<K extends TraceKind>(...kinds: K[]): Observable<TraceEvent<K>> {
    return this.#trace.events$(kinds);
  }

  #receive(bursts: Observable<Burst>): Observable<Uint8Array> {
    return new Observable((subscriber) => {
      if (this.#receiveUsed) throw new AlreadySubscribedError('receive');
      this.#receiveUsed = true;
      this.#messages = subscriber;
      subscriber.add(() => {
        this.#messages = undefined;
      });
      this.#incoming = bursts.subscribe({
        next: (burst) => this.#input(burst),
        error: (error) => this.#end({ failed: true, error }),
        complete: () => this.#end({ failed: false }),
      });
      subscriber.add(this.#incoming);
    });
  }

  #transmit(messages: Observable<Message>): Observable<Burst> {
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
          error: (error) => this.fail(error),
          complete: () => this.#finish(),
        }),
      );
      this.#settle();
    });
  }

  /** The time. A late timer says that the process was kept from its sockets, too: by other processes, or by work of its own. */
  #arrive(): number {
    const now = this.#scheduler.now();
    const late = now - this.#timer.deadline;
    if (late > LATE_MAX) this.#block.heldUp(now, late);
    return now;
  }

  #input(burst: Burst): void {
    if (this.#outcome !== undefined) return;
    const now = this.#arrive();
    this.#counters.InPkts += burst.length;
    for (const packet of burst) {
      this.#counters.InBytes += packet.length;
      if (!this.#block.input(packet, now, !isRecovered(packet))) this.#counters.KCPInErrors++;
    }
    // While lingering nothing will come along for an ack to wait for.
    if (this.#linger.isUnderWay && this.#block.hasAcks) this.#block.flush(now, true);
    else this.#block.flushAfterInput(now);
    this.#settle();
    this.#block.receiving.own();
  }

  #write(message: Message): void {
    if (this.#outcome !== undefined || this.#finishing) return;
    try {
      checkMessage(message, this.#block.messageMax);
      this.checkRoom(message);
    } catch (error) {
      this.fail(error);
      return;
    }
    const now = this.#arrive();
    const { canSend, sending } = this.#block;
    const { end } = sending;
    this.#block.send(message, now);
    // In stream mode all of it may have found room in the segment before.
    this.#lastWritten = sending.end === end ? (end - 1) | 0 : end;
    this.#counters.BytesSent += lengthOf(message);
    // What lies beyond the window goes when acks move it (kcp-go sess.go, WriteBuffers: there the writer sleeps).
    if (canSend && (!this.#writeDelay || !this.#block.canSend)) this.#block.flush(now, true);
    this.#settle();
  }

  #notifyWaiters(): void {
    this.#waiters.notify((this.#block.sending.una + this.#block.tunables.sendWindow) | 0);
  }

  #tick(): void {
    if (this.#outcome !== undefined) return;
    const now = this.#arrive();
    if (this.#block.nextTimeout(now) === 0) this.#block.tick(now);
    this.#settle();
  }

  #finish(): void {
    if (this.#outcome !== undefined) return;
    this.#finishing = true;
    this.#settle();
  }

  /**
   * Brings the outside up to date: packets go out, messages go up, until nothing changes.
   * A subscriber may call back into this object meanwhile; then the round that is under way goes on with it.
   */
  #settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      do {
        this.#emit();
        this.#notifyWaiters();
        if (this.#block.hasRest && this.#outcome === undefined) this.#block.flushRest(this.#scheduler.now());
      } while (this.#deliver() || this.#block.hasBurst || this.#trace.hasPending);
    } finally {
      this.#settling = false;
    }
    if (this.#outcome === undefined) this.#rest();
    else this.#endReading(this.#outcome);
  }

  #emit(): void {
    this.#trace.deliver();
    if (!this.#block.hasBurst) return;
    const burst = this.#block.takeBurst();
    let datalen = -this.#headroom * burst.length;
    for (const packet of burst) datalen += packet.length;
    this.#counters.OutPkts += burst.length;
    this.#counters.OutBytes += datalen;
    if (this.#trace.wanted) this.#trace.tell({ kind: 'output', conv: this.conv, datalen });
    this.#packets?.next(burst);
  }

  /** Delivers what can be read. Returns whether there was anything. */
  #deliver(): boolean {
    if (this.#discarding || !this.#block.receiving.readable) return false;
    let delivered = false;
    const now = this.#scheduler.now();
    while (!this.#paused && !this.#discarding && this.#messages !== undefined) {
      const message = this.#block.read(now, this.#block.tunables.stream ? STREAM_READ_MAX : 0);
      if (message === undefined) break;
      delivered = true;
      // No peer of kcp-go's kind sends an empty one, and nobody could pass it on.
      if (message.length === 0) continue;
      this.#counters.BytesReceived += message.length;
      this.#messages.next(message);
    }
    return delivered;
  }

  /** Nothing more to do now: ends the conversation if it is over, else sets the timer. */
  #rest(): void {
    const now = this.#scheduler.now();
    const { state, tunables } = this.#block;
    if (state === 'dead') {
      this.#end({ failed: true, error: new DeadLinkError(this.conv, tunables.deadLink) });
    } else if (state === 'idle') {
      this.#end({ failed: true, error: new IdleTimeoutError(this.conv, tunables.idleTimeout) });
    } else if (this.#finishing && this.#block.drained) {
      this.#stay(now);
    } else if (this.#packets !== undefined) {
      this.#timer.set(this.#block.nextTimeout(now));
    }
  }

  /** Everything is acknowledged, and nothing more will be sent: ends, but not before the peer knows. */
  #stay(now: number): void {
    if (!this.#linger.isUnderWay) {
      this.#linger.begin(now);
      if (this.#block.hasAcks) this.#block.flush(now, true);
      this.#emit();
    }
    const left = this.#linger.left(now, now - this.#timer.deadline);
    if (left === 0) this.#end({ failed: false });
    else if (this.#packets !== undefined) this.#timer.set(Math.min(left, this.#block.nextTimeout(now) ?? left));
  }

  /** What is queued gets one chance to arrive. */
  #flushLast(): void {
    const now = this.#scheduler.now();
    this.#block.flush(now, true);
    this.#emit();
    while (this.#block.hasRest) {
      this.#block.flushRest(now);
      this.#emit();
    }
  }

  /** Nothing is sent or taken in any more. What has come in before is still there for its reader. */
  #end(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#timer.set(undefined);
    this.#incoming?.unsubscribe();
    this.#waiters.fail(outcome.failed ? outcome.error : new SessionClosedError(this.conv));
    conclude(this.#packets, outcome);
    this.#trace.end();
    if (!this.#settling) this.#endReading(outcome);
  }

  #endReading(outcome: Outcome): void {
    if (this.#discarding || !this.#block.receiving.readable) conclude(this.#messages, outcome);
  }
}

function conclude<T>(subscriber: Subscriber<T> | undefined, { failed, error }: Outcome): void {
  if (failed) subscriber?.error(error);
  else subscriber?.complete();
}
