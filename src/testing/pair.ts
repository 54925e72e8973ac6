// Two sessions and the network between them, on one virtual clock.

import { type Observable, type SchedulerLike, Subject, type Subscription } from 'rxjs';
import { checkOptions, type OptionNames, requireInteger } from '../check.ts';
import type { Link } from '../link/link.ts';
import { memoryPair } from '../link/memory.ts';
import { connect } from '../session/connect.ts';
import type { SessionOptions } from '../session/options.ts';
import type { Session } from '../session/session.ts';
import { seededRandom } from './dice.ts';
import { Exactness } from './exactness.ts';
import { type ImpairOptions, impair } from './impair.ts';
import { type Side, Transcript } from './transcript.ts';
import { VirtualScheduler } from './virtual-scheduler.ts';

/**
 * What there is of RxJS's `VirtualTimeScheduler` and `TestScheduler` that moves their clocks. (Named by its members: the
 * types of `rxjs/testing` are not needed to use this.)
 */
export interface FrameScheduler extends SchedulerLike {
  /** Virtual ms now. */
  frame: number;
  /** Where `flush` stops. */
  maxFrames: number;
  /** Runs what is due until `maxFrames`. */
  flush(): void;
}

/** Settings of a pair. */
export interface PairOptions {
  /** What chance is drawn from: the network's, and what the sessions draw. Any 32-bit integer. Default 1. */
  readonly seed?: number | undefined;
  /** What the network does. `outgoing` is the way from left to right, `incoming` the way back. Default: nothing. */
  readonly network?: Omit<ImpairOptions, 'seed' | 'scheduler' | 'watch'> | undefined;
  /** Settings of both sessions. `conv` is 1 unless set. */
  readonly options?: Omit<SessionOptions, 'scheduler'> | undefined;
  /** What is different for the left session. */
  readonly left?: Omit<SessionOptions, 'scheduler' | 'conv'> | undefined;
  /** What is different for the right one. */
  readonly right?: Omit<SessionOptions, 'scheduler' | 'conv'> | undefined;
  /** The clock: a {@link VirtualScheduler}, or one of RxJS's. Default: a new `VirtualScheduler`. */
  readonly scheduler?: VirtualScheduler | FrameScheduler | undefined;
  /** Entries of the transcript to be kept, the newest. Default 10000; 0: only the hash. */
  readonly keep?: number | undefined;
}

/** A message that has arrived. */
export interface Delivery {
  /** When, virtual ms. */
  readonly at: number;
  /** ms since it was sent; in stream mode, since its last byte was. */
  readonly delay: number;
  /** Its bytes. */
  readonly message: Uint8Array;
}

/** One end of a pair. */
export interface PairEnd {
  /** The session. It is being read, as fast as messages come; `pause` it to play a slow reader. */
  readonly session: Session;
  /** What has arrived at this end, already checked. */
  readonly delivered$: Observable<Delivery>;
  /** Bytes that have arrived at this end. */
  readonly deliveredBytes: number;
  /** Bytes that were sent to this end and have not arrived. */
  readonly outstandingBytes: number;
  /** Sends a message (copied), and expects it at the other end. What is sent by the session itself is unexpected there. */
  send(message: Uint8Array): void;
}

/** Two sessions, the network between them, and the clock. */
export interface Pair {
  /** One end. */
  readonly left: PairEnd;
  /** The other. */
  readonly right: PairEnd;
  /** The clock of both, and of the network. */
  readonly scheduler: VirtualScheduler | FrameScheduler;
  /** What happened to datagrams. */
  readonly transcript: Transcript;
  /**
   * Lets time pass. Everything that arrives meanwhile is compared, byte for byte, with what was sent.
   *
   * @param until virtual ms on the clock. Default: until nothing is left to be done, which on an open session is when
   * all has been acknowledged (and never, with an `idleTimeout` that probes keep off).
   * @throws DeliveryError at the first difference.
   */
  run(until?: number): void;
  /** Closes both sessions. */
  close(): void;
}

const NAMES: OptionNames<PairOptions> = {
  seed: true,
  network: true,
  options: true,
  left: true,
  right: true,
  scheduler: true,
  keep: true,
};

/** Entries of a transcript, unless said otherwise. */
const KEEP = 10_000;

/**
 * Two sessions over an impaired link in memory, in virtual time: a whole conversation over a bad network as a pure
 * function of its options and of what is sent.
 *
 * @example
 * const { left, right, run } = pair({ seed: 7, network: { loss: 0.1, delay: 50 }, options: { mode: 'fast3' } });
 * right.delivered$.subscribe(({ at, message }) => console.log(at, message.length));
 * left.send(new Uint8Array(100_000));
 * run(1000);
 *
 * @throws OptionError naming the option that is wrong.
 */
export function pair(pairOptions: PairOptions = {}): Pair {
  checkOptions(pairOptions, NAMES);
  const { seed = 1, network = {}, options = {}, scheduler = new VirtualScheduler(), keep = KEEP } = pairOptions;
  requireInteger('keep', keep, 0, 0xffff_ffff);
  const transcript = new Transcript(keep);
  const [leftLink, rightLink] = memoryPair();
  const impaired = impair({
    ...network,
    seed,
    scheduler,
    watch: ({ at, direction, what, cause, packet }) =>
      transcript.add({ at, from: direction === 'outgoing' ? 'left' : 'right', what, cause, packet }),
  });
  const shared = { conv: 1, ...options, scheduler };
  const open = (link: Link, side: Side): End =>
    new End(link, { random: seededRandom(seed + (side === 'left' ? 1 : 2)), ...shared, ...pairOptions[side] });
  const left = open(impaired(leftLink), 'left');
  const right = open(rightLink, 'right');
  left.peer = right;
  right.peer = left;
  return {
    left,
    right,
    scheduler,
    transcript,
    run(until) {
      advance(scheduler, until);
      for (const { failure } of [left, right]) if (failure !== undefined) throw failure;
    },
    close() {
      left.close();
      right.close();
    },
  };
}

class End implements PairEnd {
  readonly session: Session;
  readonly delivered$: Observable<Delivery>;
  peer: End | undefined;
  /** The first difference between what has arrived and what was sent. */
  failure: unknown;
  readonly #scheduler: SchedulerLike;
  readonly #delivered = new Subject<Delivery>();
  readonly #expected: Exactness;
  readonly #connection: Subscription;

  constructor(link: Link, options: SessionOptions & { scheduler: SchedulerLike }) {
    this.#scheduler = options.scheduler;
    this.#expected = new Exactness(options.stream ?? false);
    this.delivered$ = this.#delivered.asObservable();
    let opened: Session | undefined;
    this.#connection = connect({ ...options, link }).subscribe((session) => {
      opened = session;
      // How it ends is told by `session.closed$`.
      session.subscribe({ next: (message) => this.#receive(message), error: () => {} });
    });
    // A link that is there already makes its session within the call.
    this.session = opened as unknown as Session;
  }

  get deliveredBytes(): number {
    return this.#expected.delivered;
  }

  get outstandingBytes(): number {
    return this.#expected.outstanding;
  }

  send(message: Uint8Array): void {
    this.peer?.expect(message);
    this.session.next(message);
  }

  expect(message: Uint8Array): void {
    this.#expected.sent(message, this.#scheduler.now());
  }

  close(): void {
    this.#connection.unsubscribe();
  }

  #receive(message: Uint8Array): void {
    if (this.failure !== undefined) return;
    const at = this.#scheduler.now();
    try {
      const sentAt = this.#expected.received(message);
      this.#delivered.next({ at, delay: at - sentAt, message });
    } catch (error) {
      // To be thrown by `run`: an error thrown here would be the runtime's.
      this.failure = error;
    }
  }
}

/** Moves a virtual clock on to `until`. */
function advance(scheduler: VirtualScheduler | FrameScheduler, until = Infinity): void {
  if (scheduler instanceof VirtualScheduler) {
    scheduler.run(until);
    return;
  }
  const { maxFrames } = scheduler;
  scheduler.maxFrames = until;
  try {
    scheduler.flush();
  } finally {
    scheduler.maxFrames = maxFrames;
  }
  if (Number.isFinite(until)) scheduler.frame = Math.max(scheduler.frame, until);
}
