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

/** Options of another socket for the same peer: on any free port, for the old one may still have its own. */
export function anotherSocket(remote: Address): Partial<UdpConnectOptions> {
  return { host: remote.address, family: undefined, localPort: 0 };
}

export abstract class RebindableLink implements UdpLink {
  abstract readonly remote: Address;
  abstract readonly sendsInOrder: boolean;
  abstract readonly memory: PacketMemory | undefined;
  abstract readonly incoming: Observable<Burst>;
  abstract readonly outgoing: UdpLink['outgoing'];
  /** Opens another link to the same peer. */
  protected abstract readonly another: Observable<this>;
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

  /** Goes over to the socket of `other`, and closes the own one. */
  protected abstract takeSocketOf(other: this): void;

  rebind(): Promise<Address> {
    return this.#replace(() => true);
  }

  /** The system has reported `code`. If a new socket helps, takes one. */
  protected mend(code: string): void {
    const isGone = GONE.has(code);
    const now = performance.now();
    if (!(isGone || AWAY.has(code)) || now - this.#attemptAt < ATTEMPT_GAP) return;
    this.#attemptAt = now;
    // An attempt fails as long as there is no network. The next error makes the next one.
    this.#replace(({ address }) => isGone || address !== this.local.address).catch(noop);
  }

  #replace(isBetter: (local: Address) => boolean): Promise<Address> {
    return new Promise((resolve, reject) => {
      const requireCarrying = (): void => {
        if (!this.isCarrying) throw new NotRebindableError('the link carries no session');
      };
      requireCarrying();
      const opening = new Subscription();
      const next = (other: this): void => {
        try {
          requireCarrying();
          if (isBetter(other.local)) this.#move(other);
          resolve(this.local);
        } catch (error) {
          reject(error);
        }
        // Closes the socket if it was not taken.
        opening.unsubscribe();
      };
      opening.add(this.another.subscribe({ next, error: reject }));
    });
  }

  #move(other: this): void {
    this.takeSocketOf(other);
    this.#local = other.local;
    this.onMoved();
  }
}
