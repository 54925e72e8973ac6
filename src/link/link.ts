// What a session needs of the world below it.

import type { Observable, Observer } from 'rxjs';
import type { PacketMemory } from '../bytes/slab.ts';
import { requireBoolean } from '../check.ts';
import { OptionError } from '../errors.ts';

/**
 * The datagrams of one peer that one wake-up of a socket, or one flush, produced; in order, seldom empty.
 * Who emits a burst never writes to its bytes again: layers and sessions may keep views of them. (A {@link Link} may lend what it received, or
 * give it away, and release what it was to send.)
 */
export type Burst = readonly Uint8Array[];

/** Where one peer's datagrams come from and go to. Anything that carries datagrams can be one. */
export interface Link {
  /**
   * Bursts received. Subscribed by one session at a time. An error ends the session with that error; completion means
   * that the peer is gone for good.
   */
  readonly incoming: Observable<Burst>;
  /**
   * Whether the bytes of a burst that came in are lent: for as long as `next` takes them they are the subscriber's, to read and to write
   * to, and the link's again afterwards. What is to be kept has to be copied by then. No two of a burst overlap. Default false.
   */
  readonly lends?: boolean | undefined;
  /**
   * Whether the bytes of a burst that came in are given away: the subscriber's for good, to read and to write to. A link around this one
   * that keeps datagrams, or shows them to others, does not give them. Default false: they may be kept, but not written to.
   */
  readonly gives?: boolean | undefined;
  /** Takes bursts to send, at once: a link may drop datagrams, but not hold back its caller. */
  readonly outgoing: Pick<Observer<Burst>, 'next'>;
  /**
   * Whether it lets go of datagrams in the order in which it was handed them, and of none before it has left: when a peer acknowledges what was
   * in one, nobody reads that datagram any more, and its memory may be written to again. A link around this one that delays datagrams, or
   * shows them to others, does not. Default false.
   */
  readonly releases?: boolean | undefined;
  /** Bytes by which a datagram is longer than the packet handed to this link; taken off the MTU. Default 0. */
  readonly overhead?: number | undefined;
  /**
   * Where datagrams for `outgoing` may be written to by who makes them, and hands them over before it makes others: it is used again
   * once they have left. A link around this one that keeps datagrams back, or shows them to others, has none. Default: there is none.
   */
  readonly memory?: PacketMemory | undefined;
  /** Own address, where there is such a thing. */
  readonly local?: Address | undefined;
  /** The peer's address, where there is such a thing. */
  readonly remote?: Address | undefined;
}

/** A UDP address. */
export interface Address {
  /** IP address as text. */
  readonly address: string;
  /** 0 … 65535. */
  readonly port: number;
}

/** A burst, and whom it is from or to. */
export interface PeerBurst {
  /** Where it came from, or goes to. */
  readonly peer: Address;
  /** Datagrams of that peer alone. */
  readonly burst: Burst;
}

/** Where the datagrams of many peers come from and go to: a server's socket. */
export interface Hub {
  /** Bursts received, each of one peer. Subscribed by one server at a time. */
  readonly incoming: Observable<PeerBurst>;
  /** As of a {@link Link}. */
  readonly lends?: boolean | undefined;
  /** As of a {@link Link}. */
  readonly gives?: boolean | undefined;
  /** Takes bursts to send, at once. */
  readonly outgoing: Pick<Observer<PeerBurst>, 'next'>;
  /** As of a {@link Link}. */
  readonly releases?: boolean | undefined;
  /** Bytes by which a datagram is longer than the packet handed to this hub; taken off the MTU. Default 0. */
  readonly overhead?: number | undefined;
  /** As of a {@link Link}. */
  readonly memory?: PacketMemory | undefined;
  /** Own address. */
  readonly local: Address;
}

/** An address as a key for maps. */
export function addressKey({ address, port }: Address): string {
  return `${address}|${port}`;
}

/** @throws OptionError when `link` is neither a Link nor a Hub. */
export function checkLink(link: unknown): void {
  const { incoming, outgoing, lends, gives, releases } = (link ?? {}) as Partial<Link>;
  if (typeof incoming?.subscribe !== 'function' || typeof outgoing?.next !== 'function') {
    throw new OptionError(
      'link',
      link,
      'an object with incoming (Observable of bursts) and outgoing (Observer of bursts)',
    );
  }
  for (const [name, flag] of Object.entries({ lends, gives, releases })) {
    if (flag !== undefined) requireBoolean(`link.${name}`, flag);
  }
}
