// Links without a network: two ends in one process, for tests, workers and virtual time.

import { noop, Observable, type Observer, Subject } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { type Address, addressKey, frozenAddress, type Hub, type Link, type PeerBurst } from './link.ts';

/**
 * Two links, each the other's peer. A burst handed to one end is emitted by the other within the same call; wrap
 * them for delay, loss and the like. What is sent before the other end is subscribed to is lost, as on a network.
 * Completing or failing `outgoing` does nothing: datagrams are all that reaches the other end.
 */
export function memoryPair(): [Link, Link] {
  const toLeft = new Subject<Burst>();
  const toRight = new Subject<Burst>();
  return [
    { incoming: toLeft.asObservable(), outgoing: sinkOf((burst) => toRight.next(burst)) },
    { incoming: toRight.asObservable(), outgoing: sinkOf((burst) => toLeft.next(burst)) },
  ];
}

/** A network in memory: one hub, and as many links to it as are asked for. */
export interface MemoryNetwork {
  /** The server's end. */
  readonly hub: Hub;
  /** A link to the hub, from its own address (by default the next free port of 127.0.0.1). */
  link(local?: Address): Link;
}

/** A server's hub and its clients' links, in one process: `listen({ link: network.hub })`, `connect({ link: network.link() })`. */
export function memoryNetwork(): MemoryNetwork {
  const hubAddress = frozenAddress({ address: '127.0.0.1', port: 1 });
  const toHub = new Subject<PeerBurst>();
  const peers = new Map<string, Subject<Burst>>();
  let lastPort = 1024;
  return {
    hub: {
      local: hubAddress,
      incoming: toHub.asObservable(),
      outgoing: sinkOf(({ peer, burst }) => peers.get(addressKey(peer))?.next(burst)),
    },
    link(wanted = { address: '127.0.0.1', port: ++lastPort }) {
      const local = frozenAddress(wanted);
      const key = addressKey(local);
      return {
        local,
        remote: hubAddress,
        incoming: new Observable<Burst>((subscriber) => {
          const fromHub = new Subject<Burst>();
          peers.set(key, fromHub);
          subscriber.add(fromHub.subscribe(subscriber));
          subscriber.add(() => peers.delete(key));
        }),
        outgoing: sinkOf((burst) => toHub.next({ peer: local, burst })),
      };
    },
  };
}

/** An end of a network: whoever completes or fails it ends no other end. */
function sinkOf<T>(next: (value: T) => void): Observer<T> {
  return { next, error: noop, complete: noop };
}
