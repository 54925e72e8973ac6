// What drives one control block: subscriptions, the timer, and the order of things when they call back.
//
//   open ──► draining ──► lingering ──► ended        a source of messages that completes
//     └──────────┴────────────┴──────────▲           close, fail, a dead link, an idle peer, the end of the link
//
// The order of an end: waiting for the window fails, `transmit` ends, `trace$` completes, `receive` ends when all is read.

import { type Burst, bytesIn, headroomAsked } from '../bytes/burst.ts';
import { claimRecovered, isRecovered } from '../core/fec/recovered-packet.ts';
import { checkMessage, lengthOf, type Message } from '../core/kcp/message.ts';
import { FINISHED, LEFT } from '../core/kcp/words.ts';
import { AlreadySubscribedError, SessionClosedError } from '../errors.ts';
import { EventQueue } from '../rx/event-queue.ts';
import { Observable, type Observer, type OperatorFunction, type Subscriber, type Subscription } from '../rx/rxjs.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import { type QueuedTimer, timerQueueOf } from '../time/timer-queue.ts';
import { Linger } from './linger.ts';
import { MeasuredConversation } from './measured.ts';
import { type ArqSettings, runningSettings, type TunableOptions } from './options.ts';
import { conclude, type Outcome, outcomeOf, type State } from './outcome.ts';
import type { Arq } from './types.ts';

/** ms by which a timer of a healthy process may be late. */
const LATE_MAX = 5;
/** In stream mode, most bytes delivered at once. */
const STREAM_READ_MAX = 65_536;

/** See `arq` for what it does; this is how. */
export class ArqDriver extends MeasuredConversation implements Arq, Observer<Message> {
  readonly #timer: QueuedTimer;
  #writeDelay: boolean;
  /** Who takes packets. */
  #packets: Subscriber<Burst> | undefined;
  #isTransmitting = false;
  /** Who reads. */
  #messages: Subscriber<Uint8Array> | undefined;
  /** To packets. */
  #incoming: Subscription | undefined;
  #isPaused = false;
  #state: State = 'open';
  /** Of the lingering that is under way, or was the last. */
  #linger: Linger | undefined;
  /** How the conversation ended, once it has. */
  #outcome: Outcome | undefined;
  #pumping = false;
  /** Whether its timer was late, when it last woke up. */
  #isLate = false;

  readonly #tick = (): void => {
    if (this.#hasEnded) return;
    const now = this.#arrive();
    if (this.block.nextTimeout(now) === 0) this.block.tick(now);
    this.#pump();
  };

  constructor(settings: ArqSettings) {
    super(settings);
    this.#writeDelay = settings.writeDelay;
    this.#timer = timerQueueOf(this.scheduler).timer(this.#tick);
  }

  get receive(): OperatorFunction<Burst, Uint8Array> {
    return (bursts) =>
      new Observable((subscriber) => {
        if (this.#messages) throw new AlreadySubscribedError('receive');
        this.#messages = subscriber;
        const lifetime = {
          closed: this.#hasEnded,
          add: (incoming: Subscription): void => {
            this.#incoming = incoming;
            subscriber.add(incoming);
          },
        };
        subscribeWithin(bursts, lifetime, {
          next: (burst) => this.#input(burst),
          error: (error) => this.#end({ failed: true, error }),
          complete: () => this.#end({ failed: false }),
        });
      });
  }

  get transmit(): OperatorFunction<Message, Burst> {
    return (messages) =>
      new Observable((subscriber) => {
        if (this.#isTransmitting) throw new AlreadySubscribedError('transmit');
        this.#isTransmitting = true;
        this.block.headroom = headroomAsked();
        this.#packets = subscriber;
        subscriber.add(() => {
          this.#packets = undefined;
          this.#timer.set(undefined);
        });
        subscribeWithin(messages, subscriber, this);
        this.#pump();
      });
  }

  get failedHere(): boolean {
    return !!this.#outcome?.isOurs;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#arrive();
    this.#pump();
  }

  whenTaken(taken: () => void, failed: (error: unknown) => void): void {
    if (this.#hasEnded) failed(new SessionClosedError(this.conv));
    else this.window.wait(taken, failed);
  }

  configure(changes: TunableOptions): void {
    const { writeDelay = this.#writeDelay, ...tunables } = runningSettings(changes);
    this.#writeDelay = writeDelay;
    this.block.configure(tunables, this.#arrive());
    this.#pump();
  }

  close(): void {
    this.#endWithLastFlush({ failed: false, discards: true });
  }

  fail(error: unknown): void {
    this.#endWithLastFlush({ failed: true, error, isOurs: true });
  }

  kick(): void {
    if (this.#hasEnded) return;
    this.block.kick(this.now());
    this.#pump();
  }

  repeatAcks(): void {
    if (this.#hasEnded) return;
    this.block.repeatAcks(this.#arrive());
    this.#pump();
  }

  get #hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** The time. A late timer says that the process was kept from its sockets, too: by other processes, or by its own work. */
  #arrive(): number {
    const late = this.scheduler.now() - this.#timer.due;
    const now = this.now();
    this.#isLate = late > LATE_MAX;
    if (this.#isLate) this.block.extendTimeouts(now, late);
    return now;
  }

  #input(burst: Burst): void {
    if (this.#hasEnded) return;
    const bytes = bytesIn(burst);
    const now = this.#arrive();
    const { block, counters } = this;
    counters.InPkts += burst.length;
    counters.InBytes += bytes;
    const recovered = claimRecovered(burst.length);
    let place = 0;
    for (const packet of burst) {
      const regular = !(recovered?.[place++] || isRecovered(packet));
      if (!block.input(packet, now, regular)) counters.KCPInErrors++;
      if (block.isFull) this.#deliverEarly();
    }
    // What is answered at once takes the acks along.
    this.#deliverEarly();
    // While lingering nothing will come along for an ack to wait for.
    if (this.#state === 'lingering' && block.hasAcks) block.flush(now, true);
    else if (!this.#hasEnded) block.flushAfterInput(now);
    this.#pump();
    block.receiving.copyBorrowed();
  }

  /** Delivers what a burst has brought so far. What that leads to goes out when all of it is taken in. */
  #deliverEarly(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#deliver();
    } finally {
      this.#pumping = false;
    }
  }

  /** Takes a message. What is thrown here ends the conversation. @internal */
  next(given: Message): void {
    if (this.#state !== 'open') return;
    const { block } = this;
    const message = checkMessage(given, block.messageMax);
    this.checkRoom(message);
    const now = this.#arrive();
    const { canSend } = block;
    this.window.write(message, now);
    this.counters.BytesSent += lengthOf(message);
    // What lies beyond the window goes when acks move it (kcp-go sess.go, WriteBuffers: there the writer sleeps).
    if (canSend && (!this.#writeDelay || !block.canSend)) block.flush(now, true);
    this.#pump();
  }

  /** The source of messages has failed. @internal */
  error(error: unknown): void {
    this.fail(error);
  }

  /** Takes no more messages. @internal */
  complete(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    const now = this.#arrive();
    const { drained, farewell } = this.block;
    // Else the next word says as much: that it leaves.
    if (!drained || farewell?.isHalf) this.block.say(FINISHED, now);
    this.#pump();
  }

  /**
   * Brings the outside up to date: packets go out, messages go up, until nothing changes.
   * A subscriber may call back into this object meanwhile; then the round that is under way goes on with it.
   */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const { block } = this;
    try {
      do {
        this.#emit();
        this.window.update();
        if (block.hasRest && !this.#hasEnded) block.flushRest(this.now());
        block.farewell?.update(this.#state !== 'open');
      } while (this.#deliver() || block.hasBurst || this.trace?.hasWaiting);
    } finally {
      this.#pumping = false;
    }
    if (this.#outcome) {
      this.#endReading(this.#outcome);
      return;
    }
    // Nothing more to do now: the conversation is over, or the timer is set.
    const now = this.now();
    const outcome = outcomeOf(block, now);
    if (outcome) this.#end(outcome);
    else if (this.#state !== 'open' && block.drained) this.#stay(now);
    else this.#wait(block.nextTimeout(now));
  }

  #emit(): void {
    const { block, conv, counters, trace } = this;
    trace?.deliver();
    if (!block.hasBurst) return;
    const burst = block.takeBurst();
    const datalen = bytesIn(burst);
    counters.OutPkts += burst.length;
    counters.OutBytes += datalen;
    // In a session, which alone says farewell, more leaves than that, and the last layer tells of it.
    if (trace?.observed && !block.farewell) trace.keep({ kind: 'output', conv, datalen });
    this.#packets?.next(burst);
  }

  /** Delivers what can be read. Returns whether there was anything. */
  #deliver(): boolean {
    const { block } = this;
    let delivered = false;
    if (!block.receiving.readable) return delivered;
    const now = this.now();
    while (this.#messages?.closed === false && !this.#isPaused && !this.#outcome?.discards) {
      const message = block.read(now, block.tunables.stream ? STREAM_READ_MAX : 0);
      if (!message) break;
      delivered = true;
      // kcp-go sends no empty message, and a session could not relay it.
      if (message.length === 0) continue;
      this.counters.BytesReceived += message.length;
      this.#messages.next(message);
    }
    return delivered;
  }

  /** Everything is acknowledged, and nothing more will be sent: ends, but not before the peer has our acks. */
  #stay(now: number): void {
    const { block } = this;
    const { farewell } = block;
    if (farewell?.isAwaiting && farewell.isKnown) {
      this.#state = 'draining';
      this.#linger = undefined;
      this.#wait(block.nextTimeout(now));
      return;
    }
    this.#state = 'lingering';
    this.#linger ??= new Linger(block, now);
    const wait = this.#linger.turn(now, this.#isLate);
    this.#emit();
    if (wait !== undefined) {
      this.#wait(Math.min(wait, block.nextTimeout(now) ?? wait));
    } else if (farewell?.isAwaiting) {
      // The peer has not understood, and will not say when it has finished.
      farewell.isHalf = false;
      this.#linger = undefined;
      this.#stay(now);
    } else {
      this.#end({ failed: false });
    }
  }

  #wait(timeout: number | undefined): void {
    if (this.#packets) this.#timer.set(timeout);
  }

  /** What is queued gets one chance to arrive. */
  #endWithLastFlush(outcome: Outcome): void {
    if (this.#hasEnded) return;
    const { block } = this;
    const now = this.now();
    block.say(LEFT, now);
    this.#emit();
    while (block.hasRest) {
      block.flushRest(now);
      this.#emit();
    }
    this.#end(outcome);
  }

  #end(outcome: Outcome): void {
    if (this.#hasEnded) return;
    this.#state = 'ended';
    this.#outcome = outcome;
    this.#timer.set(undefined);
    this.#incoming?.unsubscribe();
    this.window.fail(outcome.failed ? outcome.error : new SessionClosedError(this.conv));
    conclude(this.#packets, outcome);
    this.window.complete();
    this.trace ??= new EventQueue();
    this.trace.complete();
    if (!this.#pumping) this.#endReading(outcome);
  }

  /** Ends the reading of a conversation that has ended, once nothing is left. */
  #endReading(outcome: Outcome): void {
    if (outcome.discards || !this.block.receiving.readable) conclude(this.#messages, outcome);
  }
}
