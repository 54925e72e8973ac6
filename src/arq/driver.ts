// What drives one control block: subscriptions, the timer, and the order of things when they call back.
//
//   open ──► draining ──► lingering ──► ended        a source of messages that completes
//     └──────────┴────────────┴──────────▲           close, fail, a dead link, an idle peer, the end of the link
//
// The order of an end: waiting for the window fails, `transmit` ends, `trace$` completes, `receive` ends when all is read.

import { type Observable, type OperatorFunction, type SchedulerLike, type Subscriber, Subscription } from 'rxjs';
import { type Burst, bytesIn, headroomAsked } from '../bytes/burst.ts';
import { randomConv, systemRandom } from '../bytes/random.ts';
import { claimRecovered, isRecovered } from '../core/fec/recovered-packet.ts';
import { ControlBlock } from '../core/kcp/control-block.ts';
import { checkMessage, lengthOf, type Message } from '../core/kcp/message.ts';
import type { TraceEvent, TraceKind } from '../core/kcp/trace.ts';
import { Counters, type Snmp } from '../counters/counters.ts';
import { SessionClosedError } from '../errors.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import { clockOf } from '../time/clock.ts';
import { type QueuedTimer, timerQueueOf } from '../time/timer-queue.ts';
import { Congestion } from './congestion.ts';
import { Delivery } from './delivery.ts';
import { Linger } from './linger.ts';
import { once } from './once.ts';
import { type ArqOptions, type ArqSettings, runningSettings, type TunableOptions } from './options.ts';
import { conclude, failureOf, type Outcome, type State } from './outcome.ts';
import { checkQueue, type QueueLimits } from './queue-limits.ts';
import { arqSnmp, arqStats } from './stats.ts';
import { TraceFeed } from './trace-feed.ts';
import type { Arq, ArqStats } from './types.ts';
import { WindowWaiters } from './window-waiters.ts';

/** ms by which a timer of a healthy process may be late. */
const LATE_MAX = 5;
/** New segments that leave together: while the first of a full window are on their way, the next are written. */
const FLIGHT = 128;
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
  readonly #limits: QueueLimits;
  #congestion: Congestion | undefined;
  #writeDelay: boolean;
  /** First segment of the message written last. */
  #lastWritten: number;
  #packets: Subscriber<Burst> | undefined;
  readonly #delivery: Delivery;
  readonly #incoming = new Subscription();
  #state: State = 'open';
  #linger: Linger | undefined;
  #pumping = false;

  constructor(options: ArqOptions, settings: ArqSettings) {
    const { random = systemRandom, conv = randomConv(random), sendsInOrder = false } = options;
    const { writeDelay, sendQueueBytes, sendQueueSegments, ...tunables } = settings;
    const scheduler = clockOf(options.scheduler);
    this.conv = conv;
    this.#scheduler = scheduler;
    this.#writeDelay = writeDelay;
    this.#limits = { sendQueueBytes, sendQueueSegments };
    this.#timer = timerQueueOf(scheduler).timer(() => this.#tick());
    const counters = this.#counters;
    this.#block = new ControlBlock({ ...tunables, conv, now: scheduler.now(), counters, flight: FLIGHT, sendsInOrder });
    this.#delivery = new Delivery(this.#block, counters, scheduler);
    this.#trace = new TraceFeed((tracer) => {
      this.#block.tracer = tracer;
    });
    this.#lastWritten = (this.#block.sending.end - 1) | 0;
    this.receive = once('receive', (bursts, subscriber) => this.#receive(bursts, subscriber));
    this.transmit = once('transmit', (messages, subscriber) => this.#transmit(messages, subscriber));
  }

  get congested(): boolean {
    return !this.#block.canSend;
  }

  get congested$(): Observable<boolean> {
    this.#congestion ??= new Congestion(this, this.#state === 'ended');
    return this.#congestion.changes$;
  }

  get failedHere(): boolean {
    return this.#delivery.outcome?.isOurs === true;
  }

  get drained(): boolean {
    return this.#block.drained;
  }

  get messageMax(): number {
    return this.#block.messageMax;
  }

  pause(): void {
    this.#delivery.isPaused = true;
  }

  resume(): void {
    if (!this.#delivery.isPaused) return;
    this.#delivery.isPaused = false;
    this.#arrive();
    this.#pump();
  }

  whenTaken(taken: () => void, failed: (error: unknown) => void): void {
    if (this.#state === 'ended') {
      failed(new SessionClosedError(this.conv));
      return;
    }
    this.#waiters.add(this.#lastWritten, taken, failed);
    this.#notifyWaiters();
  }

  configure(changes: TunableOptions): void {
    const { writeDelay = this.#writeDelay, ...tunables } = runningSettings(changes);
    this.#writeDelay = writeDelay;
    this.#block.configure(tunables, this.#arrive());
    this.#pump();
  }

  checkRoom(message: Message): void {
    checkQueue(this.#block, lengthOf(message), this.#limits);
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
    return arqSnmp(this.#block, this.#counters);
  }

  trace$<K extends TraceKind>(...kinds: K[]): Observable<TraceEvent<K>> {
    return this.#trace.events$(kinds);
  }

  #receive(bursts: Observable<Burst>, subscriber: Subscriber<Uint8Array>): void {
    this.#delivery.messages = subscriber;
    subscriber.add(() => {
      this.#delivery.messages = undefined;
    });
    subscriber.add(this.#incoming);
    subscribeWithin(bursts, this.#incoming, {
      next: (burst) => this.#input(burst),
      error: (error) => this.#end({ failed: true, error }),
      complete: () => this.#end({ failed: false }),
    });
  }

  #transmit(messages: Observable<Message>, subscriber: Subscriber<Burst>): void {
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
    this.#counters.InPkts += burst.length;
    this.#counters.InBytes += bytes;
    const recovered = claimRecovered(burst.length);
    let place = 0;
    for (const packet of burst) {
      const regular = !(recovered?.[place++] || isRecovered(packet));
      if (!this.#block.input(packet, now, regular)) this.#counters.KCPInErrors++;
      if (this.#block.isFull) this.#deliverEarly();
    }
    // While lingering nothing will come along for an ack to wait for.
    if (this.#state === 'lingering' && this.#block.hasAcks) this.#block.flush(now, true);
    else this.#block.flushAfterInput(now);
    this.#pump();
    this.#block.receiving.copyBorrowed();
  }

  /** Makes room for the next packet of a burst. What that leads to goes out when all of it is taken in. */
  #deliverEarly(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#delivery.deliver();
    } finally {
      this.#pumping = false;
    }
  }

  #write(given: Message): void {
    if (this.#state !== 'open') return;
    let message: Message;
    try {
      message = checkMessage(given, this.#block.messageMax);
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
    this.#pump();
  }

  #tick(): void {
    if (this.#state === 'ended') return;
    const now = this.#arrive();
    if (this.#block.nextTimeout(now) === 0) this.#block.tick(now);
    this.#pump();
  }

  #drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#arrive();
    this.#pump();
  }

  /**
   * Brings the outside up to date: packets go out, messages go up, until nothing changes.
   * A subscriber may call back into this object meanwhile; then the round that is under way goes on with it.
   */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      do {
        this.#emit();
        this.#notifyWaiters();
        if (this.#block.hasRest && this.#state !== 'ended') this.#block.flushRest(this.#scheduler.now());
      } while (this.#delivery.deliver() || this.#block.hasBurst || this.#trace.hasPending);
    } finally {
      this.#pumping = false;
    }
    if (this.#state === 'ended') this.#delivery.conclude();
    else this.#rest();
  }

  #emit(): void {
    this.#trace.deliver();
    if (!this.#block.hasBurst) return;
    const burst = this.#block.takeBurst();
    const datalen = bytesIn(burst);
    this.#counters.OutPkts += burst.length;
    this.#counters.OutBytes += datalen;
    if (this.#trace.wanted) this.#trace.tell({ kind: 'output', conv: this.conv, datalen });
    this.#packets?.next(burst);
  }

  #notifyWaiters(): void {
    this.#waiters.notify((this.#block.sending.una + this.#block.tunables.sendWindow) | 0);
    this.#congestion?.update();
  }

  /** Nothing more to do now: ends the conversation if it is over, else sets the timer. */
  #rest(): void {
    const now = this.#scheduler.now();
    const failure = failureOf(this.#block, now);
    if (failure !== undefined) {
      this.#end({ failed: true, error: failure });
    } else if (this.#state !== 'open' && this.#block.drained) {
      this.#stay(now);
    } else if (this.#packets !== undefined) {
      this.#timer.set(this.#block.nextTimeout(now));
    }
  }

  /** Everything is acknowledged, and nothing more will be sent: ends, but not before the peer has our acks. */
  #stay(now: number): void {
    if (this.#linger === undefined) {
      this.#state = 'lingering';
      this.#linger = new Linger(this.#block, LATE_MAX, now);
      if (this.#block.hasAcks) this.#block.flush(now, true);
    }
    const left = this.#linger.left(now, now - this.#timer.deadline);
    if (left > 0 && this.#linger.repeats(now)) this.#block.repeatAcks(now);
    this.#emit();
    if (left === 0) this.#end({ failed: false });
    else if (this.#packets !== undefined) {
      this.#timer.set(Math.min(left, this.#linger.nextRepeat(now), this.#block.nextTimeout(now) ?? left));
    }
  }

  /** What is queued gets one chance to arrive. */
  #endWithLastFlush(outcome: Outcome): void {
    if (this.#state === 'ended') return;
    const now = this.#scheduler.now();
    this.#block.flush(now, true);
    this.#emit();
    while (this.#block.hasRest) {
      this.#block.flushRest(now);
      this.#emit();
    }
    this.#end(outcome);
  }

  #end(outcome: Outcome): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#delivery.outcome = outcome;
    this.#timer.set(undefined);
    this.#incoming.unsubscribe();
    this.#waiters.fail(outcome.failed ? outcome.error : new SessionClosedError(this.conv));
    conclude(this.#packets, outcome);
    this.#congestion?.end();
    this.#trace.end();
    if (!this.#pumping) this.#delivery.conclude();
  }
}
