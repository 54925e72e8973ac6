// A link, or a hub, whose datagrams are sealed: the crypto operators joined to what is below them.

import { filter, map, Subject } from 'rxjs';
import { decrypt } from '../../operators/decrypt.ts';
import { encrypt } from '../../operators/encrypt.ts';
import type { Cipher } from '../core/crypto/cipher.ts';
import { processCounters } from '../counters/process.ts';
import type { Burst, Hub, Link } from '../link/link.ts';

function countDropped(count: number): void {
  processCounters().InCsumErrors += count;
}

/** A datagram that is longer than its packet lies elsewhere; any other may be the packet itself. */
function copies(cipher: Cipher): boolean {
  return cipher.overhead > 0;
}

/** `link` with everything that goes through it sealed by `cipher`. Datagrams that do not open are counted (`InCsumErrors`). */
export function sealedLink(link: Link, cipher: Cipher): Link {
  const packets = new Subject<Burst>();
  packets.pipe(encrypt(cipher, link.memory)).subscribe(link.outgoing);
  return {
    incoming: link.incoming.pipe(decrypt(cipher, countDropped, link.lends || link.gives)),
    lends: link.lends,
    outgoing: packets,
    releases: copies(cipher) || link.releases,
    local: link.local,
    remote: link.remote,
    overhead: cipher.overhead + (link.overhead ?? 0),
  };
}

/** The same for a hub: a datagram is opened before anything is known, or remembered, about its sender. */
export function sealedHub(hub: Hub, cipher: Cipher): Hub {
  return {
    incoming: hub.incoming.pipe(
      map(({ peer, burst }) => {
        const packets = cipher.open(burst, hub.lends || hub.gives);
        countDropped(burst.length - packets.length);
        return { peer, burst: packets };
      }),
      filter(({ burst }) => burst.length > 0),
    ),
    lends: hub.lends,
    outgoing: { next: ({ peer, burst }) => hub.outgoing.next({ peer, burst: cipher.seal(burst, hub.memory) }) },
    releases: copies(cipher) || hub.releases,
    local: hub.local,
    overhead: cipher.overhead + (hub.overhead ?? 0),
  };
}
