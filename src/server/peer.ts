// A peer of a server: where it is, and its session.

import { Subject } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import type { Address, Hub, Link } from '../link/link.ts';
import type { SettledOptions } from '../session/options.ts';
import { ServedSession } from './served-session.ts';
import type { AddressValidation } from './validation.ts';

export class Peer {
  /** The conversation, an int32. */
  readonly conv: number;
  readonly session: ServedSession;
  readonly incoming = new Subject<Burst>();
  /** Its address as a key. */
  key: string;
  address: Address;
  /** Whether its segment 0 has come. */
  begun: boolean;
  /** How far its clock is ahead of ours, as segment 0 has told. */
  ahead: number | undefined;
  /** What its address may get, and prove; undefined once it has. */
  validation: AddressValidation | undefined;
  /** Bytes of the largest datagram that it has sent. */
  largest = 0;
  /** When it last moved to another address, and when one was last challenged. */
  movedAt = -Infinity;
  challengedAt = -Infinity;

  /** @param ahead of its clock, if it was told: then segment 0 is there. */
  constructor(
    hub: Hub,
    options: SettledOptions,
    key: string,
    address: Address,
    conv: number,
    ahead: number | undefined,
    ended: (peer: Peer) => void,
  ) {
    this.conv = conv;
    this.key = key;
    this.address = address;
    this.begun = ahead !== undefined;
    this.ahead = ahead;
    const link: Link & { incoming: Subject<Burst> } = {
      incoming: this.incoming,
      sendsInOrder: hub.sendsInOrder,
      outgoing: {
        next: (sent) => {
          const burst = this.validation ? this.validation.allowed(sent) : sent;
          if (burst.length > 0) hub.outgoing.next({ peer: this.address, burst });
        },
      },
      local: hub.local,
      remote: address,
      overhead: hub.overhead,
    };
    this.session = new ServedSession(link, { ...options, conv: conv >>> 0 }, () => ended(this));
  }
}
