// A link that lends what comes in, and makes sure that whoever keeps it notices.

import { Observable } from 'rxjs';
import type { Burst, Link } from 'rxkcp';

/** What is written over datagrams that were taken. */
const POISON = 0xdb;

/** `link`, which uses the memory of its bursts again: side by side in one memory, or each datagram in a Buffer of just its size. */
export function lending(link: Link, apart = false): Link {
  const memory = new Uint8Array(1 << 20);
  const lay = (burst: Burst): Uint8Array[] => {
    let offset = 0;
    return burst.map((datagram) => {
      const place = apart ? Buffer.alloc(datagram.length) : memory.subarray(offset, offset + datagram.length);
      place.set(datagram);
      offset += datagram.length;
      return place;
    });
  };
  return {
    ...link,
    incoming: new Observable((subscriber) =>
      link.incoming.subscribe({
        next: (burst) => {
          const lent = lay(burst);
          subscriber.next(lent);
          for (const datagram of lent) datagram.fill(POISON);
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    ),
  };
}
