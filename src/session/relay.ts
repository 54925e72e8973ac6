// One session as the subscriber of another.

import type { Observer } from 'rxjs';
import type { Arq } from '../arq/types.ts';
import type { Gate } from './message-iterator.ts';

/** Passes messages on to `target`, whose conversation is `arq`, and holds back their delivery while its window is full. */
export function relayTo(
  target: Observer<Uint8Array> & { readonly closed: boolean },
  arq: Pick<Arq, 'congested' | 'whenTaken'>,
  gate: Gate,
): Observer<Uint8Array> {
  const release = (): void => gate.release();
  return {
    next: (message) => {
      target.next(message);
      if (target.closed || !arq.congested) return;
      gate.hold();
      arq.whenTaken(release, release);
    },
    error: (error) => target.error(error),
    complete: () => target.complete(),
  };
}
