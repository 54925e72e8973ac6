// What drives one control block: subscriptions, the timer, and the order of things when they call back.
//
//   open ──► draining ──► lingering ──► ended        a source of messages that completes
//     └──────────┴────────────┴──────────▲           close, fail, a dead link, an idle peer, the end of the link
//
// The order of an end: waiting for the window fails, `transmit` ends, `trace$` completes, `receive` ends when all is read.

import { Observable, type OperatorFunction, type SchedulerLike, type Subscriber, Subscription, share } from 'rxjs';
import { type Burst, bytesIn, headroomAsked } from '../bytes/burst.ts';
import { randomConv, systemRandom } from '../bytes/random.ts';
import { claimRecovered, isRecovered } from '../core/fec/recovered-packet.ts';
import { ControlBlock } from '../core/kcp/control-block.ts';
import { FINISHED, LEFT } from '../core/kcp/farewell.ts';
import { checkMessage, lengthOf, type Message } from '../core/kcp/message.ts';
import type { TraceEvent, TraceKind } from '../core/kcp/trace.ts';
import { Counters, type Snmp } from '../counters/counters.ts';
import { AlreadySubscribedError, SendQueueFullError, SessionClosedError } from '../errors.ts';
import { EventQueue } from '../rx/event-queue.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import { clockOf } from '../time/clock.ts';
import { type QueuedTimer, timerQueueOf } from '../time/timer-queue.ts';
import { Congestion } from './congestion.ts';
import { Linger } from './linger.ts';
import { type ArqSettings, runningSettings, type TunableOptions } from './options.ts';
import { conclude, failureOf, type Outcome, type State } from './outcome.ts';
import { arqStats } from './stats.ts';
import { ofKinds } from './trace-kinds.ts';
import type { Arq, ArqStats } from './types.ts';
import { WindowWaiters } from './window-waiters.ts';

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
  /** Bytes, and segments, that may wait for the send window. */
  readonly #bytesMax: number;
  readonly #segmentsMax: number;
  #congestion: Congestion | undefined;
  #events$: Observable<TraceEvent> | undefined;
  /** What is traced, while somebody listens. */
  #trace: EventQueue<TraceEvent> | undefined;
  #writeDelay: boolean;
  /** First segment of the message written last. */
  #lastWritten: number;
  /** Who takes packets. */
  #packets: Subscriber<Burst> | undefined;
  /** Who reads. */
  #messages: Subscriber<Uint8Array> | undefined;
  readonly #incoming = new Subscription();
  #isPaused = false;
  #state: State = 'open';
  /** There is one while lingering. */
  #linger: Linger | undefined;
  /** How the conversation ended, once it has. */
  #outcome: Outcome | undefined;
  #pumping = false;

  readonly #tick = (): void => {
    if (this.#state === 'ended') return;
    const now = this.#arrive();
    if (this.#block.nextTimeout(now) === 0) this.#block.tick(now);
    this.#pump();
  };

  constructor(settings: ArqSettings) {
    const { random = systemRandom, conv = randomConv(random), scheduler: given, ...others } = settings;
    const { writeDelay, sendQueueBytes, sendQueueSegments, ...tunables } = others;
    const scheduler = clockOf(given);
    this.conv = conv;
    this.#scheduler = scheduler;
    this.#writeDelay = writeDelay;
    this.#bytesMax = sendQueueBytes;
    this.#segmentsMax = sendQueueSegments;
    this.#timer = timerQueueOf(scheduler).timer(this.#tick);
    this.#block = new ControlBlock({
      ...tunables,
      conv,
      now: scheduler.now(),
      counters: this.#counters,
      flight: FLIGHT,
    });
    this.#lastWritten = (this.#block.sending.end - 1) | 0;
    this.receive = once('receive', (bursts, subscriber) => {
      this.#messages = subscriber;
      subscriber.add(() => {
        this.#messages = undefined;
      });
      subscriber.add(this.#incoming);
      subscribeWithin(bursts, this.#incoming, {
        next: (burst) => this.#input(burst),
        error: (error) => this.#end({ failed: true, error }),
        complete: () => this.#end({ failed: false }),
      });
    });
    this.transmit = once('transmit', (messages, subscriber) => {
      this.#block.headroom = headroomAsked();
      this.#packets = subscriber;
      subscriber.add(() => {
        this.#packets = undefined;
        this.#timer.set(undefined);
      });
      subscribeWithin(messages, subscriber, {
        next: (message) => this.#write(message),
        error: (error) => this.fail(error),
        complete: () => this.#drain(),
      });
      this.#pump();
    });
  }

  get congested(): boolean {
    return !this.#block.canSend;
  }

  get congested$(): Observable<boolean> {
    if (!this.#congestion) {
      this.#congestion = new Congestion(this);
      if (this.#outcome) this.#congestion.complete();
    }
    return this.#congestion.changes$;
  }

  get failedHere(): boolean {
    return this.#outcome?.isOurs === true;
  }

  get drained(): boolean {
    return this.#block.drained;
  }

  get messageMax(): number {
    return this.#block.messageMax;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#pump();
  }

  whenTaken(taken: () => void, failed: (error: unknown) => void): void {
    if (this.#state === 'ended') {
      failed(new SessionClosedError(this.conv));
    } else {
      this.#waiters.add(this.#lastWritten, taken, failed);
      this.#notifyWaiters();
    }
  }

  configure(changes: TunableOptions): void {
    const { writeDelay = this.#writeDelay, ...tunables } = runningSettings(changes);
    this.#writeDelay = writeDelay;
    this.#block.configure(tunables, this.#scheduler.now());
    this.#pump();
  }

  checkRoom(message: Message): void {
    const { sending, tunables, mss } = this.#block;
    const length = lengthOf(message);
    const waiting = sending.length - tunables.sendWindow;
    const waitingThen = waiting + Math.ceil(length / mss);
    // The first message to wait may be of any size, or a large one could never be sent; a stream can be cut anywhere.
    if (waitingThen <= 0 || (waiting <= 0 && !tunables.stream)) return;
    if (waitingThen > this.#segmentsMax) throw new SendQueueFullError('sendQueueSegments', this.#segmentsMax);
    if (sending.unsentBytes + length > this.#bytesMax) throw new SendQueueFullError('sendQueueBytes', this.#bytesMax);
  }

  close(): void {
    this.#endWithLastFlush({ failed: false, discards: true });
  }

  fail(error: unknown): void {
    this.#endWithLastFlush({ failed: true, error, isOurs: true });
  }

  kick(): void {
    if (this.#state === 'ended') return;
    this.#block.kick(this.#scheduler.now());
    this.#pump();
  }

  stats(): ArqStats {
    return arqStats(this.#block, this.#counters);
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

  trace$<K extends TraceKind>(...kinds: K[]): Observable<TraceEvent<K>> {
    this.#events$ ??= new Observable<TraceEvent>((subscriber) => {
      if (this.#outcome) subscriber.complete();
      else this.#block.tracer = (event) => this.#trace?.keep(event);
      return () => {
        this.#block.tracer = this.#trace = undefined;
      };
    }).pipe(share({ connector: () => (this.#trace = new EventQueue()) }));
    return this.#events$.pipe(ofKinds(kinds));
  }

  /** The time. A late timer says that the process was kept from its sockets, too: by other processes, or by work of its own. */
  #arrive(): number {
    const now = this.#scheduler.now();
    const late = now - this.#timer.deadline;
    if (late > LATE_MAX) this.#block.extendTimeouts(now, late);
    return now;
  }

  #input(burst: Burst): void {
    if (this.#state === 'ended') return;
    const bytes = bytesIn(burst);
    const now = this.#arrive();
    const block = this.#block;
    const counters = this.#counters;
    counters.InPkts += burst.length;
    counters.InBytes += bytes;
    const recovered = claimRecovered(burst.length);
    let place = 0;
    for (const packet of burst) {
      const regular = !(recovered?.[place++] || isRecovered(packet));
      if (!block.input(packet, now, regular)) counters.KCPInErrors++;
      if (block.isFull) this.#deliverEarly();
    }
    // While lingering nothing will come along for an ack to wait for.
    if (this.#state === 'lingering' && block.hasAcks) block.flush(now, true);
    else block.flushAfterInput(now);
    this.#pump();
    block.receiving.copyBorrowed();
  }

  /** Makes room for the next packet of a burst. What that leads to goes out when all of it is taken in. */
  #deliverEarly(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#deliver();
    } finally {
      this.#pumping = false;
    }
  }

  /** What is thrown here ends the conversation. */
  #write(given: Message): void {
    if (this.#state !== 'open') return;
    const block = this.#block;
    const message = checkMessage(given, block.messageMax);
    this.checkRoom(message);
    const now = this.#arrive();
    const { canSend, sending } = block;
    const { end } = sending;
    block.send(message, now);
    // In stream mode all of it may have found room in the segment before.
    this.#lastWritten = sending.end === end ? (end - 1) | 0 : end;
    this.#counters.BytesSent += lengthOf(message);
    // What lies beyond the window goes when acks move it (kcp-go sess.go, WriteBuffers: there the writer sleeps).
    if (canSend && (!this.#writeDelay || !block.canSend)) block.flush(now, true);
    this.#pump();
  }

  /** Takes no more messages. */
  #drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    const { drained, farewell } = this.#block;
    // Else the next word says as much: that it leaves.
    if (!drained || farewell?.isHalf) this.#block.say(FINISHED, this.#scheduler.now());
    this.#pump();
  }

  /**
   * Brings the outside up to date: packets go out, messages go up, until nothing changes.
   * A subscriber may call back into this object meanwhile; then the round that is under way goes on with it.
   */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const block = this.#block;
    try {
      do {
        this.#emit();
        this.#notifyWaiters();
        if (block.hasRest && this.#state !== 'ended') block.flushRest(this.#scheduler.now());
        block.farewell?.update(this.#state !== 'open');
      } while (this.#deliver() || block.hasBurst || this.#trace?.hasWaiting);
    } finally {
      this.#pumping = false;
    }
    if (this.#outcome) this.#endReading(this.#outcome);
    else this.#rest();
  }

  #emit(): void {
    this.#trace?.deliver();
    if (!this.#block.hasBurst) return;
    const burst = this.#block.takeBurst();
    const datalen = bytesIn(burst);
    this.#counters.OutPkts += burst.length;
    this.#counters.OutBytes += datalen;
    this.#trace?.keep({ kind: 'output', conv: this.conv, datalen });
    this.#packets?.next(burst);
  }

  /** Delivers what can be read. Returns whether there was anything. */
  #deliver(): boolean {
    const block = this.#block;
    let delivered = false;
    if (!block.receiving.readable) return delivered;
    const now = this.#scheduler.now();
    while (!this.#isPaused && !this.#outcome?.discards && this.#messages) {
      const message = block.read(now, block.tunables.stream ? STREAM_READ_MAX : 0);
      if (!message) break;
      delivered = true;
      // No peer of kcp-go's kind sends an empty one, and nobody could pass it on.
      if (message.length === 0) continue;
      this.#counters.BytesReceived += message.length;
      this.#messages.next(message);
    }
    return delivered;
  }

  #notifyWaiters(): void {
    const { sending, tunables } = this.#block;
    this.#waiters.notify((sending.una + tunables.sendWindow) | 0);
    this.#congestion?.update();
  }

  /** Nothing more to do now: ends the conversation if it is over, else sets the timer. */
  #rest(): void {
    const now = this.#scheduler.now();
    const failure = failureOf(this.#block, now);
    if (failure) this.#end({ failed: true, error: failure });
    else if (this.#block.state === 'left') this.#end({ failed: false });
    else if (this.#state !== 'open' && this.#block.drained) this.#stay(now);
    else if (this.#packets) this.#timer.set(this.#block.nextTimeout(now));
  }

  /** Everything is acknowledged, and nothing more will be sent: ends, but not before the peer has our acks. */
  #stay(now: number): void {
    const block = this.#block;
    const { farewell } = block;
    if (farewell?.isAwaiting && farewell.isKnown) {
      this.#state = 'draining';
      this.#linger = undefined;
      this.#timer.set(block.nextTimeout(now));
      return;
    }
    if (!this.#linger) {
      this.#state = 'lingering';
      this.#linger = new Linger(block, now);
      if (!farewell?.isAwaiting) block.say(LEFT, now);
    }
    const wait = this.#linger.turn(now, now - this.#timer.deadline > LATE_MAX);
    this.#emit();
    if (wait !== undefined) {
      if (this.#packets) this.#timer.set(Math.min(wait, block.nextTimeout(now) ?? wait));
    } else if (farewell?.isAwaiting) {
      // The peer has not understood, and will not say when it has finished.
      this.#linger = undefined;
      farewell.isHalf = false;
      this.#stay(now);
    } else {
      this.#end({ failed: false });
    }
  }

  /** What is queued gets one chance to arrive. */
  #endWithLastFlush(outcome: Outcome): void {
    if (this.#state === 'ended') return;
    const block = this.#block;
    const now = this.#scheduler.now();
    block.say(LEFT, now);
    this.#emit();
    while (block.hasRest) {
      block.flushRest(now);
      this.#emit();
    }
    this.#end(outcome);
  }

  #end(outcome: Outcome): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#outcome = outcome;
    this.#linger = undefined;
    this.#timer.set(undefined);
    this.#incoming.unsubscribe();
    this.#waiters.fail(outcome.failed ? outcome.error : new SessionClosedError(this.conv));
    conclude(this.#packets, outcome);
    this.#congestion?.complete();
    this.#trace?.complete();
    if (!this.#pumping) this.#endReading(outcome);
  }

  /** Ends the reading of a conversation that has ended, once nothing is left. */
  #endReading(outcome: Outcome): void {
    if (outcome.discards || !this.#block.receiving.readable) conclude(this.#messages, outcome);
  }
}

/** An operator of one conversation: its Observable, whatever it is applied to, can be subscribed to once. */
function once<A, B>(
  name: string,
  start: (source: Observable<A>, subscriber: Subscriber<B>) => void,
): OperatorFunction<A, B> {
  let isUsed = false;
  return (source) =>
    new Observable((subscriber) => {
      if (isUsed) throw new AlreadySubscribedError(name);
      isUsed = true;
      start(source, subscriber);
    });
}
