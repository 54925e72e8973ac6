// Sessions over links of a test's own making.

import { type ArqOptions, connect, type Link, memoryPair, type Session } from 'rxkcp';

/** A session over `link`, kept until it is closed. */
export function open(link: Link, options: ArqOptions = {}): Session {
  let opened: Session | undefined;
  connect({ link, conv: 1, mode: 'fast3', ...options }).subscribe((session) => {
    opened = session;
  });
  return opened as Session;
}

/** Both ends of a conversation in memory. */
export function pair(options: ArqOptions = {}): [Session, Session] {
  const [left, right] = memoryPair();
  return [open(left, options), open(right, options)];
}
