// What the network says of a peer that is not there: a session that has never heard of it fails at once.

import { Observable } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import { ConnectionRefusedError } from '../../errors.ts';
import type { Link } from '../link.ts';

/** A link that can be told that nobody listens at the peer's port. */
export interface RefusableLink extends Link {
  /** Emits when it is; undefined where the system does not say whom that is about. */
  readonly refused$: Observable<unknown> | undefined;
  /** Whether anything has come from the peer. */
  readonly isHeard: boolean;
}

/** `link`, which fails with `ConnectionRefusedError` if that is said before anything has come. Later it may be about a moment: the peer comes back. */
export function failingIfRefused(link: RefusableLink): Link {
  const { incoming, outgoing, sendsInOrder, memory, local, remote, refused$ } = link;
  if (refused$ === undefined) return link;
  const heard = new Observable<Burst>((subscriber) => {
    const refused = (): void => {
      if (!link.isHeard) subscriber.error(new ConnectionRefusedError(remote));
    };
    subscriber.add(refused$.subscribe(refused));
    subscriber.add(incoming.subscribe(subscriber));
  });
  return { incoming: heard, outgoing, sendsInOrder, memory, local, remote };
}
