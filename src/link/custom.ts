// Custom links and hubs: `incoming` may be any kind of stream, and must emit bursts.

import type { Burst } from '../bytes/burst.ts';
import { InvalidBurstError } from '../errors.ts';
import { map } from '../rx/rxjs-more.ts';
import { observableOf, type Source } from '../rx/source.ts';
import type { Hub, Link, PeerBurst } from './link.ts';

/** A {@link Link} of your own: `incoming` may be any Observable, also of another copy of RxJS, or an async iterable. */
export interface CustomLink extends Omit<Link, 'incoming'> {
  /** See {@link Link.incoming}. */
  readonly incoming: Source<Burst>;
}

/** A {@link Hub} of your own: `incoming` may be any Observable, also of another copy of RxJS, or an async iterable. */
export interface CustomHub extends Omit<Hub, 'incoming'> {
  /** See {@link Hub.incoming}. */
  readonly incoming: Source<PeerBurst>;
}

/** `link`, whose `incoming` fails with `InvalidBurstError` if it emits anything else than bursts. */
export function adoptLink(link: CustomLink): Link {
  // Field by field: they may be getters of a class.
  return {
    incoming: observableOf(link.incoming).pipe(map(requireBurst)),
    outgoing: link.outgoing,
    sendsInOrder: link.sendsInOrder,
    memory: link.memory,
    overhead: link.overhead,
    local: link.local,
    remote: link.remote,
  };
}

/** Like {@link adoptLink}, but for a hub. */
export function adoptHub(hub: CustomHub): Hub {
  return {
    incoming: observableOf(hub.incoming).pipe(map(requirePeerBurst)),
    outgoing: hub.outgoing,
    sendsInOrder: hub.sendsInOrder,
    memory: hub.memory,
    overhead: hub.overhead,
    local: hub.local,
    priority: hub.priority,
  };
}

function requireBurst(burst: Burst): Burst {
  if (!Array.isArray(burst)) throw new InvalidBurstError(burst);
  for (const datagram of burst) if (!(datagram instanceof Uint8Array)) throw new InvalidBurstError(burst);
  return burst;
}

function requirePeerBurst(peerBurst: PeerBurst): PeerBurst {
  const { peer, burst } = (peerBurst ?? {}) as Partial<PeerBurst>;
  if (typeof peer?.address !== 'string') throw new InvalidBurstError(peerBurst);
  requireBurst(burst as Burst);
  return peerBurst;
}
