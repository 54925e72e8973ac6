// What carries a smux session: any connection with two directions.

import { OptionError } from '../errors.ts';
import { Session } from '../session/session.ts';
import type { ByteCarrier } from './byte-carrier.ts';
import { DuplexCarrier, type DuplexLike } from './duplex-carrier.ts';
import { SessionCarrier } from './session-carrier.ts';
import { WebCarrier, type WebStreamsLike } from './web-carrier.ts';

/** A connection that a smux session can run over: a session, a stream of Node, or a pair of web streams. */
export type MuxCarrier = Session | DuplexLike | WebStreamsLike;

/** @throws OptionError when it is no carrier. */
export function carrierOf(carrier: MuxCarrier): ByteCarrier {
  if (carrier instanceof Session) return new SessionCarrier(carrier);
  const { readable, writable } = (carrier ?? {}) as Partial<WebStreamsLike>;
  if (typeof readable === 'object' && typeof writable === 'object') return new WebCarrier({ readable, writable });
  const { write, on } = (carrier ?? {}) as Partial<DuplexLike>;
  if (typeof write === 'function' && typeof on === 'function') return new DuplexCarrier(carrier as DuplexLike);
  throw new OptionError('carrier', carrier, 'a session, a Duplex of Node, or { readable, writable }');
}
