// Which links and hubs carry a session or a server at the moment.

import { LinkInUseError } from '../errors.ts';
import type { CustomHub, CustomLink } from './custom.ts';

const inUse = new WeakSet<CustomLink | CustomHub>();

/**
 * Claims a custom link for one session, or a hub for one server: two would read each other's datagrams.
 *
 * @returns what gives it back.
 * @throws LinkInUseError when it is taken.
 */
export function claimLink(link: CustomLink | CustomHub): () => void {
  if (inUse.has(link)) throw new LinkInUseError();
  inUse.add(link);
  return () => void inUse.delete(link);
}
