// A server behind a shared line: one hub, whose datagrams to each client are a flow.

import { Subject } from 'rxjs';
import { type Address, addressKey, frozenAddress, type Hub, type Link, type PeerBurst } from '../../link/link.ts';
import type { Flow } from './flow.ts';

const HUB_PORT = 1;
/** Clients have the ports behind this one. */
const LAST_PORT = 1024;

export class SharedServer {
  readonly hub: Hub;
  readonly #local: Address = frozenAddress({ address: '127.0.0.1', port: HUB_PORT });
  readonly #incoming = new Subject<PeerBurst>();
  readonly #flows = new Map<string, Flow>();

  constructor() {
    this.hub = {
      local: this.#local,
      incoming: this.#incoming.asObservable(),
      outgoing: { next: ({ peer, burst }) => this.#flows.get(addressKey(peer))?.sender.outgoing.next(burst) },
    };
  }

  /** The link of a client, whose datagrams from the hub are `flow`. */
  link(flow: Flow): Link {
    const peer = frozenAddress({ address: '127.0.0.1', port: LAST_PORT + 1 + this.#flows.size });
    this.#flows.set(addressKey(peer), flow);
    flow.sender.incoming.subscribe((burst) => this.#incoming.next({ peer, burst }));
    return { ...flow.receiver, local: peer, remote: this.#local };
  }
}
