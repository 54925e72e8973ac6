// The part of the small user that needs Node.
import type { Duplex } from 'node:stream';
import type { Link, Session } from 'rxkcp';
import { fromDuplex, toDuplex } from 'rxkcp/node';

export const streamOf = (session: Session): Duplex => toDuplex(session);
export const linkOf = (duplex: Duplex): Link => fromDuplex(duplex);
