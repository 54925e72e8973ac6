// A peer of a server: where it is, and its session, whose link it is.

import { Observable, type Observer } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import type { Address, Hub } from '../link/link.ts';
import type { SettledOptions } from '../session/options.ts';
import { type ServedPeer, ServedSession } from './served-session.ts';
import type { AddressValidation } from './validation.ts';

/** What the server of a peer is told. */
export interface PeerEvents {
  /** The session has taken something to send. */
  written(peer: Peer): void;
  /** The session has ended. */
  ended(peer: Peer): void;
}

export class Peer implements ServedPeer {
  /** The conversation, an int32. */
  readonly conv: number;
  readonly session: ServedSession;
  /** Takes what comes from it. */
  input!: Observer<Burst>;
  /** Its address as a key. */
  key: string;
  address: Address;
  /** Whether its segment 0 has come. */
  begun: boolean;
  /** How far the peer's clock is ahead of this one, by segment 0. */
  ahead: number | undefined;
  /** What its address may get, and prove; undefined once it has. */
  validation: AddressValidation | undefined;
  /** Bytes of the largest datagram that it has sent. */
  largest = 0;
  /** When it last moved to another address, and when one was last challenged. */
  movedAt = -Infinity;
  challengedAt = -Infinity;
  readonly #hub: Hub;
  readonly #events: PeerEvents;

  /** @param ahead of its clock, if it was told: then segment 0 is there. */
  constructor(
    hub: Hub,
    options: SettledOptions,
    key: string,
    address: Address,
    conv: number,
    ahead: number | undefined,
    events: PeerEvents,
  ) {
    this.conv = conv;
    this.key = key;
    this.address = address;
    this.begun = ahead !== undefined;
    this.ahead = ahead;
    this.#hub = hub;
    this.#events = events;
    this.session = new ServedSession(this, { ...options, conv: conv >>> 0 });
  }

  /** To be subscribed to once. (A Subject would take half a kilobyte more.) */
  get incoming(): Observable<Burst> {
    return new Observable((subscriber) => {
      this.input = subscriber;
    });
  }

  get sendsInOrder(): boolean | undefined {
    return this.#hub.sendsInOrder;
  }

  get overhead(): number | undefined {
    return this.#hub.overhead;
  }

  get local(): Address {
    return this.#hub.local;
  }

  get remote(): Address {
    return this.address;
  }

  get outgoing(): this {
    return this;
  }

  /** Sends to its address, as far as that may get it. */
  next(sent: Burst): void {
    const burst = this.validation ? this.validation.allowed(sent) : sent;
    if (burst.length > 0) this.#hub.outgoing.next({ peer: this.address, burst });
  }

  written(): void {
    this.#events.written(this);
  }

  ended(): void {
    this.#events.ended(this);
  }
}
