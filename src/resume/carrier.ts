// One connection, as the ends of a session use it.

import { type Observable, Subscription } from 'rxjs';
import { isFunction } from '../check.ts';
import { DATA_OVERHEAD } from '../core/resume/frame.ts';
import { OptionError } from '../errors.ts';
import { Session } from '../session/session.ts';
import type { ResumeConnection } from './connection.ts';

/** Who uses a connection. */
export interface CarrierSink {
  /** A message has arrived, lent for the call. */
  frame(bytes: Uint8Array): void;
  /** There is room again. */
  drained(): void;
  /** The connection has ended. */
  ended(error?: unknown): void;
}

/** @throws OptionError if messages of `maxMessageSize` bytes do not fit into those of `connection`. */
export function requireConnection(connection: ResumeConnection, maxMessageSize: number): void {
  const { subscribe, next, complete, messageMax } = (connection ?? {}) as Partial<ResumeConnection>;
  if (!isFunction(subscribe) || !isFunction(next) || !isFunction(complete)) {
    throw new OptionError('connection', connection, 'an Observable and Observer of messages');
  }
  if (connection instanceof Session && messageMax === Infinity) {
    throw new OptionError('stream', true, 'false, because a stream of bytes has no message boundaries');
  }
  if (messageMax !== undefined && messageMax < maxMessageSize + DATA_OVERHEAD) {
    throw new OptionError('maxMessageSize', maxMessageSize, `at most ${messageMax - DATA_OVERHEAD} on this connection`);
  }
}

/** One connection. After its end it calls no one and does nothing. */
export class Carrier {
  readonly #connection: ResumeConnection;
  readonly #subscription = new Subscription();
  #sink: CarrierSink | undefined;
  #isFull = false;

  constructor(connection: ResumeConnection) {
    this.#connection = connection;
  }

  get closed(): boolean {
    return this.#sink === undefined;
  }

  /** As it is now: `congested$` of a session tells of it later. */
  get isFull(): boolean {
    return this.#connection instanceof Session ? this.#connection.pipeline.arq.congested : this.#isFull;
  }

  get remote(): ResumeConnection['remote'] {
    return this.#connection.remote;
  }

  /** Emits when the connection has ended; undefined if it does not tell. */
  get closed$(): Observable<unknown> | undefined {
    return this.#connection.closed$;
  }

  start(sink: CarrierSink): void {
    this.#sink = sink;
    const { congested$ } = this.#connection;
    if (congested$) {
      const watching = congested$.subscribe((isFull) => {
        this.#isFull = isFull;
        if (!isFull) this.#sink?.drained();
      });
      this.#subscription.add(watching);
    }
    const reading = this.#connection.subscribe({
      next: (bytes) => this.#sink?.frame(bytes),
      error: (error) => this.#ended(error),
      complete: () => this.#ended(),
    });
    this.#subscription.add(() => reading.unsubscribe());
  }

  write(frame: Uint8Array): void {
    if (this.closed) return;
    try {
      this.#connection.next(frame);
    } catch (error) {
      this.#ended(error);
    }
  }

  /** Sends a last frame, and ends the connection. */
  finish(frame: Uint8Array): void {
    this.write(frame);
    if (this.#release()) this.#connection.complete();
  }

  /** Ends the connection at once. */
  close(): void {
    if (!this.#release()) return;
    if (this.#connection.close) this.#connection.close();
    else this.#connection.complete();
  }

  #ended(error?: unknown): void {
    const sink = this.#sink;
    if (this.#release()) sink?.ended(error);
  }

  /** Whether this is the end. */
  #release(): boolean {
    if (this.closed) return false;
    this.#sink = undefined;
    this.#subscription.unsubscribe();
    return true;
  }
}
