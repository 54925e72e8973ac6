// Events with the properties of the platform's events, some of which Node 20 lacks, and targets with handler properties.

import { describe } from '../errors/describe.ts';
import type { SessionEnd } from '../session/end.ts';

/** A message arrived. It has the properties of the platform's `MessageEvent`. */
export class PeerMessageEvent extends Event {
  /** The value of the message. */
  readonly data: unknown;
  /** Always empty: a peer has no origin. */
  readonly origin = '';
  /** Always empty. */
  readonly lastEventId = '';
  /** Always null. */
  readonly source = null;
  /** Always empty: a session carries bytes only. */
  readonly ports: readonly never[] = Object.freeze([]);

  constructor(data: unknown) {
    super('message');
    this.data = data;
  }
}

/** Something failed. It has the properties of the platform's `ErrorEvent`. */
export class PeerErrorEvent extends Event {
  /** The error. */
  readonly error: unknown;
  /** The message of the error. */
  readonly message: string;

  constructor(type: 'error' | 'messageerror', error: unknown) {
    super(type);
    this.error = error;
    this.message = messageOf(error);
  }
}

/** The session ended. It has the properties of the platform's `CloseEvent`. */
export class PeerCloseEvent extends Event {
  /** 1000 if the session ended without an error, else 1006. KCP carries no codes. */
  readonly code: 1000 | 1006;
  /** The message of the error that ended the session; empty if there was no error. */
  readonly reason: string;
  /** Whether the session ended without an error. */
  readonly wasClean: boolean;
  /** How the session ended. */
  readonly end: SessionEnd;

  constructor(end: SessionEnd) {
    super('close');
    this.end = end;
    this.wasClean = end.reason !== 'failed';
    this.code = this.wasClean ? 1000 : 1006;
    this.reason = end.reason === 'failed' ? messageOf(end.error) : '';
  }
}

function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return error instanceof Error ? error.message : describe(error);
}

/** The type of handler properties such as `onmessage`. */
export type Handler<E extends Event> = ((event: E) => void) | null;

/** An `EventTarget` with handler properties. */
export abstract class HandlerTarget extends EventTarget {
  readonly #handlers = new Map<
    string,
    { readonly handler: Handler<never>; readonly listener: (event: Event) => void }
  >();

  /** Returns the handler of a type of events. */
  protected handlerOf<E extends Event>(type: string): Handler<E> {
    return (this.#handlers.get(type)?.handler ?? null) as Handler<E>;
  }

  /** Replaces the handler of a type of events. As in HTML, anything except a function removes it. */
  protected setHandler<E extends Event>(type: string, handler: Handler<E>): void {
    const before = this.#handlers.get(type);
    if (before) this.removeEventListener(type, before.listener);
    this.#handlers.delete(type);
    if (typeof handler !== 'function') return;
    const listener = (event: Event): void => handler.call(this, event as E);
    this.#handlers.set(type, { handler: handler as Handler<never>, listener });
    this.addEventListener(type, listener);
  }
}
