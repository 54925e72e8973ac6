// #rebinding on Node: sessions that change their socket, and go on.

import { NotRebindableError, SessionClosedError } from '../../errors.ts';
import type { CustomLink } from '../../link/custom.ts';
import { type Address, frozenAddress } from '../../link/link.ts';
import { RebindableLink } from '../../link/udp/rebindable-link.ts';
import { type QueuedTimer, timerQueueOf } from '../../time/timer-queue.ts';
import { MessageSource } from '../message-source.ts';
import type { Pipeline } from '../pipeline.ts';

/**
 * ms from a change of the socket until the peer is sent something, and then to each repetition. The peer learns the new address from these, even if nothing
 * else is to be sent. The last one comes after the second in which a server lets a session move once.
 */
const ANNOUNCE_AFTER = [0, 100, 200, 400, 800, 1600] as const;

/** The base of sessions: one whose link can change its socket. */
export abstract class RebindableSession extends MessageSource {
  abstract readonly conv: number;
  abstract readonly local: Address | undefined;
  abstract readonly closed: boolean;
  /** @internal */
  abstract readonly pipeline: Pipeline;
  #link: RebindableLink | undefined;
  #timer: QueuedTimer | undefined;
  #announced = 0;

  /**
   * Opens another UDP socket, closes the one before, and continues the conversation over the new one. Call it when your
   * program knows that the network has changed, or that a NAT has forgotten the flow. On Node, Deno and Bun.
   *
   * The new socket has any free port. If the local address has changed, it has the port of the option `localPort`, unless another program
   * has taken that.
   *
   * Datagrams in flight are lost, and retransmitted. The session sends up to six datagrams of acks within the next 3.1 s, so that the
   * peer learns the new address even if nothing else is sent. Whether the peer follows is the peer's decision:
   *
   * - A server of this library with `migrate: true` and an AEAD follows after one challenge, at most once per second.
   * - Any other server, kcp-go too, takes the new address for a stranger in the middle of a conversation: this session fails, in
   *   general with `PeerRestartedError`, within seconds.
   *
   * The session also calls it by itself when the system has taken its socket away, or when an address or a network is gone and a new socket
   * gets another local address. Refused ports are no reason.
   *
   * @returns resolves with the new local address as soon as the socket is ready. Rejects with `SessionClosedError` after the end; with
   * `NotRebindableError` for a session of `listen`, and over a custom link, your own socket included (a link of `udpLink` has a `rebind()` itself);
   * with `SocketError` if the system gives no socket. The session then keeps the one it has.
   */
  async rebind(): Promise<Address> {
    try {
      if (this.closed) throw new SessionClosedError(this.conv);
      if (this.#link === undefined) throw new NotRebindableError('the session did not open its socket');
      return frozenAddress(await this.#link.rebind());
    } catch (error) {
      throw this.closed && error instanceof NotRebindableError ? new SessionClosedError(this.conv) : error;
    }
  }

  /** The session is carried by `link`, or by one around it. @internal */
  follow?(link: CustomLink): void {
    if (!(link instanceof RebindableLink)) return;
    this.#link = link;
    link.onMoved = () => this.#moved(link.local);
    this.closed$.subscribe(() => this.#timer?.set(undefined));
  }

  #moved(local: Address): void {
    (this as { local: Address }).local = frozenAddress(local);
    const { arq } = this.pipeline;
    this.#announced = 0;
    this.#timer ??= timerQueueOf(arq.scheduler).timer(() => {
      arq.kick();
      arq.repeatAcks();
      this.#timer?.set(ANNOUNCE_AFTER[++this.#announced]);
    });
    this.#timer.set(ANNOUNCE_AFTER[0]);
  }
}
