// One run of a plan: two ends and the network between them, in virtual time.

import type { Subscription } from 'rxjs';
import { none } from '../../core/crypto/ciphers.ts';
import { InvalidMessageError, MessageTooLargeError, SendQueueFullError } from '../../errors.ts';
import type { SessionOptions } from '../../session/options.ts';
import type { Session } from '../../session/session.ts';
import { type Dice, makeDice, seededRandom } from '../dice.ts';
import type { Impairments } from '../options.ts';
import { type Side, Transcript } from '../transcript.ts';
import { VirtualScheduler } from '../virtual-scheduler.ts';
import { contentOf } from './content.ts';
import { deliver } from './delivery.ts';
import { EndClock } from './end-clock.ts';
import { Dialer, Listener } from './ends.ts';
import type { SwarmFinding, SwarmFindingKind } from './finding.ts';
import { Path } from './path.ts';
import { hasBorders, type SwarmOperation, type SwarmPlan, type SwarmSettings } from './plan.ts';
import type { SwarmProtocol } from './protocol.ts';
import { Talk } from './talk.ts';

type Doing<T extends SwarmOperation['do']> = Extract<SwarmOperation, { do: T }>;

export class World {
  readonly clock: VirtualScheduler;
  readonly clocks: Readonly<Record<Side, EndClock>>;
  readonly paths: Readonly<Record<Side, Path>>;
  readonly transcript: Transcript;
  /** All sessions there have been. */
  readonly talks: Talk[] = [];
  finding: SwarmFinding | undefined;
  /** Operations that were done. */
  done = 0;
  readonly #plan: SwarmPlan;
  readonly #protocol: SwarmProtocol | undefined;
  readonly #hasBorders: boolean;
  readonly #dialer: Dialer;
  readonly #listener: Listener;
  readonly #garbage: Dice;
  readonly #start: number;
  #dials = 0;

  constructor(plan: SwarmPlan, protocol: SwarmProtocol | undefined, keep: number) {
    const { seed, start = 0, network } = plan;
    const { outgoing, incoming, ...both } = network;
    this.#plan = plan;
    this.#protocol = protocol;
    this.#hasBorders = hasBorders(plan);
    this.#start = start;
    this.#garbage = makeDice(seed, GARBAGE_STREAM);
    this.clock = new VirtualScheduler(start);
    this.clocks = { left: new EndClock(this.clock), right: new EndClock(this.clock) };
    this.transcript = new Transcript(keep);
    this.#dialer = new Dialer(this.#endSettings('left'));
    this.#listener = new Listener(this.#endSettings('right'));
    this.paths = {
      left: this.#path('left', { ...both, ...outgoing }),
      right: this.#path('right', { ...both, ...incoming }),
    };
  }

  /** ms since the beginning. */
  get at(): number {
    return this.clock.now() - this.#start;
  }

  /** Whether a server is there. */
  get isServed(): boolean {
    return this.#listener.isUp;
  }

  /** The first thing that is wrong counts. */
  find(kind: SwarmFindingKind, what: string): void {
    this.finding ??= { kind, what, at: this.at };
  }

  /** Opens both ends, and does what the plan says until `until`, ms after the beginning. Calls `look` before each operation. */
  run(until: number, look: () => void): void {
    this.#listener.listen();
    this.#dial();
    const operations = [...this.#plan.operations].sort((a, b) => a.at - b.at);
    for (const operation of operations) {
      this.#schedule(() => {
        look();
        this.#do(operation);
      }, operation.at);
    }
    this.clock.run(this.#start + until);
  }

  /** The session at an end of which things are done: the one that was opened last of those that have not ended. */
  current(side: Side): Talk | undefined {
    return this.talks.findLast((talk) => talk.side === side && talk.isOpen);
  }

  /** Those of the other end with the same conversation. */
  peersOf({ side, conv }: Talk): Talk[] {
    return this.talks.filter((other) => other.side !== side && other.conv === conv);
  }

  /** Sends one message of `bytes` bytes. */
  send(talk: Talk, bytes: number): void {
    const { sent, channel, session } = talk;
    const message = contentOf(this.#plan.seed, this.talks.indexOf(talk), sent.length, bytes);
    // It may arrive within the call.
    sent.push(message);
    talk.sentAt.push(this.at);
    talk.sentBytes += bytes;
    if (this.#protocol !== undefined) channel?.send(message);
    else if (sent.length % 3 === 0) this.#sendAndWait(talk, message);
    else session.next(message);
    if (isRefused(talk.end?.error)) this.#takeBack(talk);
  }

  /** Closes all that is open. */
  close(): void {
    for (const talk of this.talks) talk.isDiscarded ||= talk.isOpen;
    this.#dialer.end('close');
    this.#listener.end('close');
    this.paths.left.close();
    this.paths.right.close();
  }

  /** Stops the reader of a session, or lets it go on. */
  pause(talk: Talk, isPaused: boolean): void {
    talk.isPaused = isPaused;
    if (isPaused) talk.session.pause();
    else talk.session.resume();
  }

  #schedule(work: () => void, delay: number): Subscription {
    return this.clock.schedule(() => {
      if (this.finding === undefined) work();
    }, delay);
  }

  #do(operation: SwarmOperation): void {
    this.done++;
    if (operation.do === 'blackout') this.#blackOut(operation);
    else if (operation.do === 'redial') this.#redial(operation);
    else if (operation.do === 'restart') this.#restart(operation);
    else if (operation.do === 'garbage') this.#throwIn(operation);
    else if (operation.do === 'jump') this.clocks[operation.side].jump(operation.ms);
    else if (operation.do === 'send') this.#sendSeries(operation, operation.count ?? 1);
    else this.#use(operation);
  }

  #use(
    operation: Exclude<SwarmOperation, Doing<'blackout' | 'redial' | 'restart' | 'garbage' | 'jump' | 'send'>>,
  ): void {
    const talk = this.current(operation.side);
    if (talk === undefined) return;
    const { session } = talk;
    if (operation.do === 'complete') {
      talk.completedAt = Math.min(talk.completedAt, this.at);
      if (talk.channel?.complete === undefined) session.complete();
      else talk.channel.complete();
    } else if (operation.do === 'close') {
      talk.isDiscarded = true;
      session.close();
    } else if (operation.do === 'configure') {
      session.configure(operation.changes);
      const {
        deadAfter = talk.deadAfter,
        idleTimeout = talk.idleTimeout,
        deadLink = talk.deadLink,
      } = operation.changes;
      Object.assign(talk, { deadAfter, idleTimeout, deadLink });
    } else if (operation.do === 'pause') {
      this.pause(talk, true);
      if (operation.duration !== undefined) this.#schedule(() => this.pause(talk, false), operation.duration);
    } else if (operation.do === 'resume') this.pause(talk, false);
    else session.kick();
  }

  #sendSeries(operation: Doing<'send'>, left: number): void {
    const talk = this.current(operation.side);
    if (talk?.isTaking) this.send(talk, operation.bytes);
    if (left <= 1) return;
    const { gap = 0 } = operation;
    if (gap === 0) this.#sendSeries(operation, left - 1);
    else this.#schedule(() => this.#sendSeries(operation, left - 1), gap);
  }

  #blackOut({ duration, from }: Doing<'blackout'>): void {
    const dark = from === undefined ? [this.paths.left, this.paths.right] : [this.paths[from]];
    for (const path of dark) path.darken();
    this.clock.schedule(() => {
      for (const path of dark) path.lighten();
    }, duration);
  }

  #redial({ gap = 0 }: Doing<'redial'>): void {
    this.#end('left', 'close');
    if (gap === 0) this.#dial();
    else this.#schedule(() => this.#dial(), gap);
  }

  #restart({ side, down }: Doing<'restart'>): void {
    this.#end(side, 'kill');
    if (down === undefined) return;
    this.#schedule(() => {
      if (side === 'left') {
        this.#dial();
        return;
      }
      if (this.#listener.isUp) return;
      this.paths.left.clear();
      this.paths.right.clear();
      this.#listener.listen();
    }, down);
  }

  #end(side: Side, how: 'close' | 'kill'): void {
    for (const talk of this.talks) if (talk.side === side && talk.isOpen) talk.isDiscarded = true;
    if (side === 'left') this.#dialer.end(how);
    else this.#listener.end(how);
  }

  #dial(): void {
    // An end that came back, and dials again by another operation, has one session.
    this.#end('left', 'close');
    const random = makeDice(this.#plan.seed, CONVERSATION_STREAM);
    const first = Math.floor(random() * 0xffff_0000);
    const step = STEPS[Math.floor(random() * STEPS.length)] as number;
    this.#dialer.dial((first + this.#dials++ * step) >>> 0);
  }

  #throwIn({ side, kind, bytes, count = 1 }: Doing<'garbage'>): void {
    const from = side === 'left' ? this.paths.right : this.paths.left;
    for (let i = 0; i < count; i++) {
      const { last } = from;
      let datagram: Uint8Array;
      if (kind === 'noise' || last === undefined || last.length === 0) {
        datagram = new Uint8Array(bytes);
        for (let at = 0; at < bytes; at++) datagram[at] = this.#garbage() * 256;
      } else if (kind === 'cut') {
        datagram = last.slice(0, Math.floor(this.#garbage() * last.length));
      } else {
        datagram = last.slice();
        const bit = Math.floor(this.#garbage() * datagram.length * 8);
        datagram[bit >> 3] = (datagram[bit >> 3] as number) ^ (1 << (bit & 7));
      }
      if (side === 'left') this.#dialer.receive([datagram]);
      else this.#listener.receive([datagram], kind === 'noise' && this.#garbage() < 0.5);
    }
  }

  #opened(side: Side, session: Session, settings: SwarmSettings): void {
    const number = 1 + this.talks.filter((talk) => talk.side === side).length;
    const talk = new Talk(session, side, number, this.at, settings);
    this.talks.push(talk);
    session.closed$.subscribe((end) => {
      talk.end = end;
      talk.endedAt = this.at;
      talk.isEndedPaused = talk.isPaused;
    });
    const fail = (what: string): void => this.find('protocol', `${talk.name}: ${what}`);
    talk.channel = this.#protocol?.(session, { side, scheduler: this.clocks[side], fail });
    const bordered = this.#protocol === undefined ? this.#hasBorders : (talk.channel?.bordered ?? true);
    (talk.channel?.messages ?? session).subscribe({
      next: (message) => this.#receive(talk, message, bordered),
      error: () => {
        talk.isReadOut = true;
      },
      complete: () => {
        talk.isReadOut = true;
      },
    });
  }

  #receive(talk: Talk, message: Uint8Array, bordered: boolean): void {
    talk.receivedAt = this.at;
    const wrong = deliver(talk, message, this.talks, bordered);
    if (wrong !== undefined) this.find(wrong.kind, wrong.what);
  }

  #sendAndWait(talk: Talk, message: Uint8Array): void {
    talk.waiting++;
    talk.session.send$(message).subscribe({
      complete: () => talk.waiting--,
      error: (error) => {
        talk.waiting--;
        // The session goes on without it.
        if (talk.isOpen && isRefused(error)) this.#takeBack(talk);
      },
    });
  }

  #takeBack(talk: Talk): void {
    talk.sentAt.pop();
    talk.sentBytes -= talk.sent.pop()?.length ?? 0;
  }

  #endSettings(side: Side): ConstructorParameters<typeof Dialer>[0] {
    const { seed, sealed = false, inOrder = false } = this.#plan;
    const settings = this.#plan[side];
    const random = seededRandom(seed + (side === 'left' ? 1 : 2));
    const options: SessionOptions = { ...settings, scheduler: this.clocks[side], random };
    return {
      options: sealed ? { ...options, cipher: none(undefined, { random }) } : options,
      inOrder,
      send: (burst) => this.paths[side].send(burst),
      opened: (session) => this.#opened(side, session, settings),
    };
  }

  #path(from: Side, impairments: Impairments): Path {
    const { seed, operations } = this.#plan;
    const { clock, transcript } = this;
    const keepsLast = operations.some((operation) => operation.do === 'garbage' && operation.kind !== 'noise');
    const deliverTo = from === 'left' ? this.#listener : this.#dialer;
    return new Path(impairments, {
      from,
      seed: (Math.imul(seed, 2) + (from === 'left' ? 0 : 1)) | 0,
      clock,
      transcript,
      keepsLast,
      deliver: (burst) => deliverTo.receive(burst),
    });
  }
}

/** Whether a message was not taken, because it is none, too long, or one too many. */
function isRefused(error: unknown): boolean {
  return [InvalidMessageError, MessageTooLargeError, SendQueueFullError].some((refusal) => error instanceof refusal);
}

const GARBAGE_STREAM = 0x67617262;
const CONVERSATION_STREAM = 0x636f6e76;
/** By how much the ids of conversations differ that follow each other: far apart, or alike but for a byte. */
const STEPS = [1, 0x100, 0x1_0001, 0x7fff_fffd];
