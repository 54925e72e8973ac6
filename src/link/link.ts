// What a session needs of the world below it.

import type { Observable, Observer } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { type PacketMemory, requireMemory } from '../bytes/slab.ts';
import { ensure, isFunction, requireBoolean, requireInteger } from '../check.ts';
import { DATAGRAM_MAX } from '../limits.ts';
import { isSource } from '../rx/source.ts';

/** Where one peer's datagrams come from and go to. Anything that carries datagrams can be one. */
export interface Link {
  /**
   * Bursts received. Subscribed by one session at a time. If it emits anything but bursts, the session ends with
   * `InvalidBurstError`. An error ends the session with that error; completion means
   * that the peer is gone for good. The bytes are lent to the session for the duration of `next`: it neither changes nor
   * keeps them, so the link may write to them again.
   */
  readonly incoming: Observable<Burst>;
  /**
   * Takes bursts to send, at once: a link may drop datagrams, but not hold back its caller. It may keep them, too, to send
   * them later: their bytes stay as they are (with `sendsInOrder`, until they have left).
   *
   * An exception ends the session with that error: throw only if the link can carry nothing any more. If a transport throws for
   * the moment, because it is not open yet or its buffer is full, drop the datagram instead. KCP retransmits it.
   */
  readonly outgoing: Pick<Observer<Burst>, 'next'>;
  /**
   * Whether the link sends datagrams in the order in which it was handed them, and reads none after it was sent (or dropped).
   * The memory of a datagram that the peer has acknowledged is then written to again. Never say so of a link that delays
   * single datagrams, or shows them to others. Default false.
   */
  readonly sendsInOrder?: boolean | undefined;
  /**
   * Where datagrams for `outgoing` may be written by the layer above, which hands them over before it writes others: the link
   * writes to it again once they have left. Needs `sendsInOrder`. Default: the link has none.
   */
  readonly memory?: PacketMemory | undefined;
  /** Bytes by which a datagram is longer than the packet handed to this link; taken off the MTU. Default 0. */
  readonly overhead?: number | undefined;
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
  /** Where it came from, or goes to. The server keeps it: do not change it afterwards. */
  readonly peer: Address;
  /** Datagrams of that peer alone. */
  readonly burst: Burst;
}

/** Where the datagrams of many peers come from and go to: a server's socket. */
export interface Hub {
  /** Bursts received, each of one peer. Subscribed by one server at a time. The bytes are lent, as by a {@link Link}. */
  readonly incoming: Observable<PeerBurst>;
  /** Takes bursts to send, at once, as a {@link Link} does. */
  readonly outgoing: Pick<Observer<PeerBurst>, 'next'>;
  /** See {@link Link.sendsInOrder}. */
  readonly sendsInOrder?: boolean | undefined;
  /** See {@link Link.memory}. */
  readonly memory?: PacketMemory | undefined;
  /** Bytes by which a datagram is longer than the packet handed to this hub; taken off the MTU. Default 0. */
  readonly overhead?: number | undefined;
  /** Own address. */
  readonly local: Address;
  /** @internal */
  readonly priority?: Priority | undefined;
}

/** Those who have a session of a server, and have proven their address: if more comes than can be handled, they go before strangers. @internal */
export interface Priority {
  add(peer: Address): void;
  delete(peer: Address): void;
  /** Whether another stranger may have an answer now. */
  answersStranger(): boolean;
}

/** A copy of `address` for others to have: they cannot write to it, and later changes do not reach it. */
export function frozenAddress({ address, port }: Address): Address {
  return Object.freeze({ address, port });
}

/** An address as a key for maps. */
export function addressKey({ address, port }: Address): string {
  return `${address}|${port}`;
}

/** @throws OptionError when `link` is neither a Link nor a Hub. */
export function checkLink(link: unknown): void {
  const { incoming, outgoing, sendsInOrder = false, memory, overhead } = (link ?? {}) as Partial<Link>;
  const isRight = isSource(incoming) && isFunction(outgoing?.next);
  ensure('link', link, isRight, 'an object with incoming (Observable of bursts) and outgoing (Observer of bursts)');
  requireBoolean('link.sendsInOrder', sendsInOrder);
  if (overhead !== undefined) requireInteger('link.overhead', overhead, 0, DATAGRAM_MAX);
  if (memory === undefined) return;
  requireMemory('link.memory', memory);
  ensure('link.sendsInOrder', sendsInOrder, sendsInOrder, 'true for a link that has memory');
}
