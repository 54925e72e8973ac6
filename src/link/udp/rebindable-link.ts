// A link over UDP that can change its socket: because its program says so, or because the system has taken the socket away.

import { noop, type Observable, Subscription } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import type { PacketMemory } from '../../bytes/slab.ts';
import { NotRebindableError } from '../../errors.ts';
import type { Address } from '../link.ts';
import type { UdpConnectOptions, UdpLink } from './options.ts';

/** Errors after which a socket carries nothing any more. */
const GONE: ReadonlySet<string> = new Set(['EBADF', 'ENOTSOCK', 'ENOTCONN', 'EPIPE']);
/**
 * Errors of a socket whose interface or address is gone (Linux: EINVAL). A new socket helps if the system gives it another address. If not,
 * the old one works again as soon as the network does.
 */
const AWAY: ReadonlySet<string> = new Set([
  'EADDRNOTAVAIL',
  'EINVAL',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);
/** ms between two attempts to mend a link. */
const ATTEMPT_GAP = 1000;

/** How to open other sockets for the same peer. */
export interface OtherSockets<T> {
  /** Opens a link on any free port: the present socket may still have its own. */
  readonly onAnyPort: Observable<T>;
  /** Opens one on the port that the program has asked for; undefined if any is right. */
  readonly onSamePort: Observable<T> | undefined;
}

/** @param open opens a link with these options. */
export function otherSockets<T>(
  options: UdpConnectOptions,
  remote: Address,
  open: (options: UdpConnectOptions) => Observable<T>,
): OtherSockets<T> {
  const { localPort = 0 } = options;
  const onPort = (localPort: number): Observable<T> =>
    open({ ...options, host: remote.address, family: undefined, localPort });
  return { onAnyPort: onPort(0), onSamePort: localPort === 0 ? undefined : onPort(localPort) };
}

export abstract class RebindableLink implements UdpLink {
  abstract readonly remote: Address;
  abstract readonly sendsInOrder: boolean;
  abstract readonly memory: PacketMemory | undefined;
  abstract readonly incoming: Observable<Burst>;
  abstract readonly outgoing: UdpLink['outgoing'];
  /** Links to the same peer. */
  protected abstract readonly others: OtherSockets<this>;
  /** Called after each change of the socket. */
  onMoved: () => void = noop;
  #local: Address;
  #attemptAt = -Infinity;

  constructor(local: Address) {
    this.#local = local;
  }

  get local(): Address {
    return this.#local;
  }

  /** Whether `incoming` is subscribed to. */
  protected abstract get isCarrying(): boolean;

  /** Closes the own socket: its port is free then. What is sent until there is another one is lost. */
  protected abstract leaveSocket(): void;

  /** Goes over to the socket of `other`, and closes the own one. */
  protected abstract takeSocketOf(other: this): void;

  rebind(): Promise<Address> {
    return this.#replace(false, () => true);
  }

  /** The system has reported `code`. If a new socket helps, takes one. */
  protected mend(code: string): void {
    const isGone = GONE.has(code);
    const now = performance.now();
    if (!(isGone || AWAY.has(code)) || now - this.#attemptAt < ATTEMPT_GAP) return;
    this.#attemptAt = now;
    // An attempt fails as long as there is no network. The next error makes the next one.
    this.#replace(isGone, ({ address }) => isGone || address !== this.local.address).catch(noop);
  }

  /** @param isGone whether the own socket carries nothing any more. @param isBetter whether a socket with that address is to be taken. */
  #replace(isGone: boolean, isBetter: (local: Address) => boolean): Promise<Address> {
    return new Promise((resolve, reject) => {
      const requireCarrying = (): void => {
        if (!this.isCarrying) throw new NotRebindableError('the link carries no session');
      };
      requireCarrying();
      const opening = new Subscription();
      const settle = (other: this | undefined): void => {
        try {
          requireCarrying();
          if (other !== undefined) this.#move(other);
          resolve(this.local);
        } catch (error) {
          reject(error);
        }
        // Closes the sockets that were not taken.
        opening.unsubscribe();
      };
      const next = (other: this): void => {
        const { onSamePort } = this.others;
        if (!this.isCarrying || !isBetter(other.local)) settle(undefined);
        else if (onSamePort === undefined || (!isGone && other.local.address === this.local.address)) settle(other);
        else {
          // Where the own socket is of no use any more, its port can be had again. If someone else is quicker, any port has to do.
          this.leaveSocket();
          opening.add(onSamePort.subscribe({ next: settle, error: () => settle(other) }));
        }
      };
      opening.add(this.others.onAnyPort.subscribe({ next, error: reject }));
    });
  }

  #move(other: this): void {
    this.takeSocketOf(other);
    this.#local = other.local;
    this.onMoved();
  }
}
