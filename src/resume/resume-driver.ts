// What drives one end of a resumable session: connections, timers, the store, readers, and those who wait to send.

import { AsyncSubject, BehaviorSubject, type SchedulerLike, type Subject } from 'rxjs';
import { Fifo } from '../bytes/fifo.ts';
import { ResumeError } from '../core/resume/errors.ts';
import type { FarewellFrame, Handshake } from '../core/resume/frame.ts';
import type { ResumeEnd } from '../core/resume/resume-end.ts';
import { SessionClosedError } from '../errors.ts';
import { callSafely } from '../rx/report.ts';
import type { Demand } from '../session/demand.ts';
import type { SessionEnd } from '../session/end.ts';
import type { Following } from '../session/following.ts';
import type { Carrier } from './carrier.ts';
import type { Flow } from './flow.ts';
import { Life } from './life.ts';
import { refusal } from './refusal.ts';
import type { DriverSettings } from './settings.ts';

/** What a session needs of the client or the server that it belongs to. */
export interface SessionHost {
  readonly settings: DriverSettings;
  readonly clock: SchedulerLike;
  /** ms that the session lives without a connection; undefined while that is not known. */
  readonly expireAfter: number | undefined;
  /** Writes to the store what has changed. */
  commit(): void;
  /** Writes to the store although nothing has changed; undefined without a store. */
  readonly renew?: (() => void) | undefined;
  /** A frame has arrived over the connection under way. */
  confirmed(): void;
  /** The session has ended. */
  ended(end: SessionEnd, rest: Rest): void;
}

/**
 * What becomes of a session in the store when it has ended here: it is kept for a client that may not know yet (`keep`), dropped, or left to
 * another server.
 */
export type Rest = 'keep' | 'drop' | 'leave';

/** What a session is made of. */
export interface SessionParts {
  readonly end: ResumeEnd;
  readonly host: SessionHost;
}

/** The session itself, as its driver sees it. */
interface Face {
  readonly conv: number;
  readonly messages: Subject<Uint8Array>;
  readonly demand: Demand;
  readonly following: Following;
  /** Lets go of the sources of what is sent. */
  unsubscribe(): void;
}

interface Waiter {
  /** Number of the message that is to be within the peer's window. */
  readonly position: number;
  readonly taken: () => void;
  readonly failed: (error: unknown) => void;
}

const drivers = new WeakMap<object, ResumeDriver>();

/** What drives `session`. */
export function driverOf(session: object): ResumeDriver {
  return drivers.get(session) as ResumeDriver;
}

export class ResumeDriver {
  readonly end: ResumeEnd;
  readonly host: SessionHost;
  readonly closed$ = new AsyncSubject<SessionEnd>();
  readonly congested$ = new BehaviorSubject(false);
  readonly connected$ = new BehaviorSubject(false);
  /** How the session has ended. */
  outcome: SessionEnd | undefined;
  carrier: Carrier | undefined;
  /** Whether the session stays open until the peer has finished, too. */
  #isHalf = false;
  /** Whether this end has caused the failure. */
  #failedHere = false;
  #finishing: { resolve(): void; reject(error: unknown): void } | undefined;
  readonly #face: Face;
  readonly #flow: Flow;
  readonly #life: Life;
  readonly #waiters = new Fifo<Waiter>();
  #isDelivering = false;
  #isPumping = false;
  #hasReadAll = false;

  constructor(end: ResumeEnd, host: SessionHost, flow: Flow, face: Face) {
    this.end = end;
    this.host = host;
    this.#flow = flow;
    this.#face = face;
    drivers.set(face, this);
    this.#life = new Life(end, host, {
      due: () => this.pump(),
      expired: () => this.giveUp(new ResumeError('expired', 'it was without a connection for longer than expireAfter')),
    });
    flow.changed = () => this.#deliver();
  }

  /** Begins to deliver. */
  start(): void {
    this.#face.demand.release();
    if (!this.outcome) this.#life.arm(!!this.carrier);
  }

  get isOpen(): boolean {
    return !this.end.outgoing.isFinished && !this.outcome;
  }

  /** Whether messages fail with what has ended the session. */
  get isFailure(): boolean {
    return this.#failedHere || this.host.settings.peerLoss === 'error';
  }

  /** @throws SessionClosedError after `complete` or the end. */
  requireOpen(): void {
    if (!this.isOpen) throw new SessionClosedError(this.#face.conv, { cause: this.outcome?.error });
  }

  /** Calls one of them when all that was written is within the peer's window, or when it will not be. */
  whenTaken(taken: () => void, failed: (error: unknown) => void): void {
    if (this.outcome) failed(this.#reason());
    else this.#waiters.push({ position: this.end.outgoing.last, taken, failed });
  }

  /** Nothing more is written. @param finishing waits for the peer to finish, too, and is told when it has acknowledged everything. */
  finish(finishing?: { resolve(): void; reject(error: unknown): void }): void {
    if (this.outcome) return;
    this.#isHalf = !!finishing;
    this.#finishing ??= finishing;
    this.end.finish();
    this.#face.unsubscribe();
    this.pump();
  }

  /** Ends the session because of an error at this end. */
  fail(error: unknown): void {
    if (!this.outcome) this.#failedHere = true;
    this.terminate({ reason: 'failed', error }, 'done', 'keep');
  }

  close(): void {
    this.terminate({ reason: 'closed' }, 'done', 'keep');
    this.end.incoming.clear();
    this.#endReading();
  }

  /** A connection begins, in place of one that there may be. @param first the frame that begins it. */
  attach(carrier: Carrier, peer: Handshake, first?: () => Uint8Array): void {
    this.carrier?.finish(this.end.farewell('forked'));
    this.carrier = carrier;
    this.end.attach(peer, first ? undefined : this.host.clock.now());
    if (first) carrier.write(first());
    this.connected$.next(true);
    this.pump();
  }

  /** A connection has ended. */
  lost(carrier: Carrier): void {
    if (this.carrier !== carrier) return;
    this.carrier = undefined;
    this.end.detach();
    this.connected$.next(false);
    this.#life.lost();
    this.host.renew?.();
    if (!this.outcome) this.#life.arm(!!this.carrier);
  }

  /** A frame has arrived. */
  input(carrier: Carrier, bytes: Uint8Array): void {
    if (this.carrier !== carrier) return;
    try {
      const farewell = this.end.input(bytes);
      this.host.confirmed();
      if (farewell) this.farewell(farewell);
    } catch (error) {
      if (!(error instanceof ResumeError)) throw error;
      this.terminate({ reason: 'failed', error }, 'violation', 'drop');
    }
    this.#deliver();
  }

  /** The peer has left, or does not let this end continue. */
  farewell({ reason, sent, ack }: FarewellFrame): void {
    const { incoming, outgoing } = this.end;
    if (reason !== 'done') {
      const error = refusal(reason);
      // Another connection has the session.
      if (reason === 'forked') this.terminate({ reason: 'failed', error }, undefined, 'leave');
      else this.giveUp(error);
      return;
    }
    if (this.end.canResumeFrom(ack)) outgoing.acknowledge(ack);
    if (incoming.received < sent) {
      const missing = sent - incoming.received;
      const error = new ResumeError('left', `the peer closed it, and the last messages are missing (${missing})`);
      this.terminate({ reason: 'failed', error }, undefined, 'drop');
    } else {
      const isOurs = outgoing.isFinished && !this.#face.following.isUnderWay && outgoing.isDelivered;
      if (isOurs) this.#finishing?.resolve();
      this.terminate({ reason: isOurs ? 'completed' : 'peer' }, undefined, 'drop');
    }
  }

  /** The session cannot be continued, or need not be: all that there was has arrived. */
  giveUp(error: ResumeError): void {
    const { incoming, outgoing } = this.end;
    const isDone = incoming.isFinished && outgoing.isDelivered;
    this.terminate(isDone ? { reason: 'peer' } : { reason: 'failed', error }, undefined, 'drop');
  }

  /** Sends what there is room for, and serves those who wait. What a handler sends leaves with the acknowledgment of what it was given. */
  pump(): void {
    if (!this.#isDelivering) this.#pumpNow();
  }

  #pumpNow(): void {
    if (this.#isPumping || this.outcome) return;
    this.#isPumping = true;
    this.host.commit();
    for (let { carrier } = this; carrier && !carrier.isFull; { carrier } = this) {
      const frame = this.end.next(this.host.clock.now());
      if (!frame) break;
      carrier.write(frame);
    }
    this.#isPumping = false;
    this.#settle();
    this.#checkEnd();
    if (!this.outcome) this.#life.arm(!!this.carrier);
  }

  /**
   * Ends the session.
   *
   * @param farewell what to tell the peer; undefined ends the connection without a word.
   * @param rest with `leave`, another server delivers what is unread here.
   */
  terminate(end: SessionEnd, farewell: 'done' | 'violation' | undefined, rest: Rest): void {
    if (this.outcome) return;
    this.outcome = Object.freeze(end);
    this.#life.end();
    const { carrier } = this;
    this.carrier = undefined;
    if (farewell) carrier?.finish(this.end.farewell(farewell));
    else carrier?.close();
    this.end.detach();
    if (rest === 'leave') this.end.incoming.clear();
    this.#face.unsubscribe();
    const reason = this.#reason();
    this.#finishing?.reject(reason);
    for (let waiter = this.#waiters.shift(); waiter; waiter = this.#waiters.shift()) callSafely(waiter.failed, reason);
    this.host.ended(end, rest);
    this.connected$.next(false);
    this.connected$.complete();
    this.congested$.complete();
    this.closed$.next(end);
    this.closed$.complete();
    this.#deliver();
  }

  #reason(): unknown {
    return this.outcome?.error ?? new SessionClosedError(this.#face.conv);
  }

  /** Whoever waited for what is within the window is served. */
  #settle(): void {
    const { outgoing } = this.end;
    for (let waiter = this.#waiters.first; waiter; waiter = this.#waiters.first) {
      if (waiter.position > outgoing.taken) break;
      this.#waiters.shift();
      callSafely(waiter.taken);
    }
    if (!this.outcome) this.congested$.next(outgoing.congested);
  }

  /** Delivers what can be read, and then the end. */
  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    const { incoming } = this.end;
    for (;;) {
      // Readers who let this go on, or have left, are done with what they had.
      const isDone = !this.#flow.isPaused || !this.#face.demand.isWanted || incoming.isAtEnd;
      if (isDone && this.end.consume(this.host.clock.now())) this.#pumpNow();
      if (this.#flow.isPaused) break;
      const message = this.end.read();
      if (!message) break;
      this.#face.messages.next(message);
    }
    this.#isDelivering = false;
    const isPeerDone = incoming.isFinished && !this.#flow.isPaused;
    if (incoming.waiting === 0 && (this.outcome || isPeerDone)) this.#endReading();
    this.pump();
  }

  #endReading(): void {
    if (this.#hasReadAll) return;
    this.#hasReadAll = true;
    const isFailed = this.outcome?.reason === 'failed' && this.isFailure;
    if (isFailed && !this.end.incoming.isFinished) this.#face.messages.error(this.outcome?.error);
    else this.#face.messages.complete();
    this.#face.following.peerFinished();
  }

  /** The session ends when everything was said and acknowledged. */
  #checkEnd(): void {
    const { outgoing, incoming } = this.end;
    if (this.outcome || !outgoing.isFinished || outgoing.waiting > 0) return;
    this.#finishing?.resolve();
    if (this.#isHalf && !(incoming.isRead && incoming.stored === incoming.received)) return;
    this.terminate({ reason: this.#face.following.isUnderWay ? 'peer' : 'completed' }, 'done', 'keep');
  }
}
