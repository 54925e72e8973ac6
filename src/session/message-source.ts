// A session as what is read: subscribed to, iterated over, paused.

import { DisposableSource } from '#disposal';
import type { Arq } from '../arq/types.ts';
import { Observable, Subject } from '../rx/rxjs.ts';
import { Demand } from './demand.ts';
import type { SessionEnd } from './end.ts';
import { MessageIterator } from './message-iterator.ts';

/** The reading side of a session. */
export abstract class MessageSource extends DisposableSource<Uint8Array> implements AsyncIterable<Uint8Array> {
  /** What was received; ends when all of it is read. @internal */
  readonly messages = new Subject<Uint8Array>();
  /** @internal */
  readonly demand: Demand;

  /** @internal */
  constructor(arq: Pick<Arq, 'pause' | 'resume'>) {
    super((subscriber) => {
      subscriber.add(this.messages.subscribe(subscriber));
      if (!subscriber.closed) this.demand.add(subscriber);
    });
    this.demand = new Demand(arq);
  }

  /** Emits once, how the session ended, and completes; never fails. */
  abstract override get closed$(): Observable<SessionEnd>;

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
    return new MessageIterator(this, this.demand);
  }
}
