// A session as what is read: subscribed to, iterated over, paused.

import { endWith, ignoreElements, Observable, of, Subject, switchMap, throwError } from 'rxjs';
import type { Arq } from '../arq/types.ts';
import { Demand } from './demand.ts';
import type { SessionEnd } from './end.ts';
import { type Gate, MessageIterator } from './message-iterator.ts';

/** The reading side of a session. */
export abstract class MessageSource extends Observable<Uint8Array> implements AsyncIterable<Uint8Array> {
  /** What was received; ends when all of it is read. @internal */
  protected readonly messages = new Subject<Uint8Array>();
  /** @internal */
  protected readonly demand: Demand;

  /** @internal */
  constructor(arq: Pick<Arq, 'pause' | 'resume'>) {
    super((subscriber) => {
      subscriber.add(this.messages.subscribe(subscriber));
      if (!subscriber.closed) this.demand.add(subscriber);
    });
    this.demand = new Demand(arq);
  }

  /** Emits once, how the session ended, and completes; never fails. */
  abstract get closed$(): Observable<SessionEnd>;

  /** Whether messages end with the error that ended the session. @internal */
  abstract get isFailure(): boolean;

  /** The messages alone: an Observable that cannot be sent to. Safe to hand out. */
  get messages$(): Observable<Uint8Array> {
    return new Observable((subscriber) => this.subscribe(subscriber));
  }

  /** Stops delivery to all subscribers; messages wait in the receive window, which closes. */
  pause(): void {
    this.demand.pause();
  }

  /** Goes on with the delivery. */
  resume(): void {
    this.demand.resume();
  }

  /** Reads messages at the pace of the caller; leaving the loop stops reading, and closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return new MessageIterator(this, this.demand.gate);
  }

  /** Stops and restarts delivery, in addition to `pause`: for readers with a pace of their own. @internal */
  gate(): Gate {
    return this.demand.gate;
  }

  /**
   * Ends as messages do, as soon as all that read the session have read everything. Before it completes, it emits whether those who read
   * are to be stopped, too: they are not if the session ended well, for they may have work left.
   *
   * @internal
   */
  get over$(): Observable<boolean> {
    return this.closed$.pipe(
      switchMap(({ reason, error }) => {
        const isCut = reason === 'failed' || reason === 'closed';
        if (this.demand.isWanted) return this.messages.pipe(ignoreElements(), endWith(isCut));
        return reason === 'failed' && this.isFailure ? throwError(() => error) : of(true);
      }),
    );
  }
}
