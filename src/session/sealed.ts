// A link, or a hub, whose datagrams are sealed.

import { opened } from '../../operators/decrypt.ts';
import { lentMemory } from '../bytes/lent-memory.ts';
import type { Cipher } from '../core/crypto/cipher.ts';
import { openIntact } from '../core/crypto/open-intact.ts';
import { processCounters } from '../counters/process.ts';
import type { Hub, Link } from '../link/link.ts';
import { Observable } from '../rx/rxjs.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';

function countDropped(count: number): void {
  processCounters().InCsumErrors += count;
}

/** `link` with everything that goes through it sealed by `cipher`. Datagrams that do not open are counted (`InCsumErrors`). */
export function sealedLink(link: Link, shared: Cipher): Link {
  const cipher = shared.forOneEnd?.() ?? shared;
  return {
    incoming: link.incoming.pipe(opened(cipher, countDropped)),
    // Not by `encrypt`: what the cipher or the link throws is for whoever sends.
    outgoing: { next: (burst) => link.outgoing.next(cipher.seal(burst, link.memory)) },
    sendsInOrder: sealsCopies(cipher) || link.sendsInOrder,
    local: link.local,
    remote: link.remote,
    overhead: cipher.overhead + (link.overhead ?? 0),
  };
}

/** The same for a hub: a datagram is opened before anything is known, or remembered, about its sender. */
export function sealedHub(hub: Hub, shared: Cipher): Hub {
  const cipher = shared.forOneEnd?.(true) ?? shared;
  return {
    incoming: new Observable((subscriber) =>
      subscribeWithin(
        hub.incoming,
        subscriber,
        {
          next: ({ peer, burst }) => {
            const mark = lentMemory.offset;
            const packets = openIntact(cipher, burst);
            countDropped(burst.length - packets.length);
            if (packets.length > 0) subscriber.next({ peer, burst: packets });
            lentMemory.release(mark);
          },
        },
        subscriber,
      ),
    ),
    outgoing: { next: ({ peer, burst }) => hub.outgoing.next({ peer, burst: cipher.seal(burst, hub.memory) }) },
    sendsInOrder: sealsCopies(cipher) || hub.sendsInOrder,
    local: hub.local,
    priority: hub.priority,
    overhead: cipher.overhead + (hub.overhead ?? 0),
  };
}

/** A datagram that is longer than its packet lies elsewhere; any other may be the packet itself. */
function sealsCopies(cipher: Cipher): boolean {
  return cipher.overhead > 0;
}
