// Sessions over links of a test's own making.

import { connect, type Link, memoryPair, type Session, type SessionOptions } from 'rxkcp';

/** A session over `link`, kept until it is closed. */
export function open(link: Link, options: SessionOptions = {}): Session {
  let opened: Session | undefined;
  connect({ link, conv: 1, mode: 'fast3', ...options }).subscribe((session) => {
    opened = session;
  });
  return opened as Session;
}

/** Both ends of a conversation in memory. */
export function pair(options: SessionOptions = {}): [Session, Session] {
  const [left, right] = memoryPair();
  return [open(left, options), open(right, options)];
}
