// A session as its server has it: with handles for what the server limits.

import type { Observer } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import type { Standing } from '../core/kcp/echo.ts';
import type { Message } from '../core/kcp/message.ts';
import { SendQueueFullError } from '../errors.ts';
import { type Address, frozenAddress, type Link } from '../link/link.ts';
import type { SettledOptions } from '../session/options.ts';
import { Session } from '../session/session.ts';
import type { SessionStats } from '../session/stats.ts';

/** Of `sendQueueBytes`, what may wait for an address that is not proven: a 64th. */
const QUEUE_SHARE = 64;

/** The peer of a session, which is its link. */
export interface ServedPeer extends Link {
  /** Takes what comes from it. */
  readonly input: Observer<Burst>;
  /** Something was handed over to be sent. */
  written(): void;
  /** The session has ended. */
  ended(): void;
}

export class ServedSession extends Session {
  readonly #peer: ServedPeer;
  /** The send window while the server keeps it narrow, and the one that was asked for. */
  #narrow: number | undefined;
  #wanted = 0;
  #queueBytes = 0;

  constructor(peer: ServedPeer, options: SettledOptions) {
    super(peer, options, 'passive', () => peer.ended());
    this.#peer = peer;
  }

  override next(message: Message): void {
    const overflow = this.#narrow === undefined || this.closed ? undefined : this.#overflow(message);
    // The peer lets nothing through, and may not exist: that is no failure of the program.
    if (overflow) this.abandon(overflow);
    super.next(message);
    this.#peer.written();
  }

  override send(message: Message): Promise<void> {
    const taken = super.send(message);
    this.#peer.written();
    return taken;
  }

  override stats(): SessionStats {
    const stats = super.stats();
    return this.#narrow === stats.sendWindow ? { ...stats, sendWindow: this.#wanted } : stats;
  }

  /** That too much would wait with `message`; undefined if it would not, or if it is no message at all. */
  #overflow(message: Message): SendQueueFullError | undefined {
    try {
      this.pipeline.arq.checkRoom(message);
    } catch (error) {
      if (error instanceof SendQueueFullError) return error;
    }
    return undefined;
  }

  /** Ends the session as the network does: nothing more is sent. */
  abandon(error: unknown): void {
    this.#peer.input.error(error);
  }

  /** Whether an ack has named a transmission of this end: its address is proven. */
  get isProven(): boolean {
    return this.pipeline.arq.block.rtt.isSampled;
  }

  /** Bytes that wait to be sent for the first time. */
  get queuedBytes(): number {
    return this.pipeline.arq.block.sending.unsentBytes;
  }

  /** Segments that were received and wait for a reader, or for what is missing before them. */
  get held(): number {
    return this.pipeline.arq.block.receiving.held;
  }

  /** How far both ends are. */
  get standing(): Standing {
    const { receiving, sending, tunables } = this.pipeline.arq.block;
    const window = Math.max(tunables.receiveWindow - receiving.unread, 0);
    return { peerNxt: sending.una, nxt: receiving.nxt, window };
  }

  /** Keeps the send window at `segments` at most, and little waiting for it, whatever `configure` says, until `widen`. */
  narrow(segments: number): void {
    const { window, block } = this.pipeline.arq;
    const { tunables } = block;
    if (this.#narrow === undefined) {
      this.#queueBytes = window.bytesMax;
      window.bytesMax = Math.ceil(window.bytesMax / QUEUE_SHARE);
    }
    if (tunables.sendWindow !== this.#narrow) this.#wanted = tunables.sendWindow;
    this.#narrow = Math.min(segments, this.#wanted);
    tunables.sendWindow = this.#narrow;
  }

  /**
   * Ends what `narrow` began, and sends what has waited for it.
   *
   * @param hasLeft whether a segment that the session has sent has left. One that was withheld is sent again at once.
   */
  widen(hasLeft: (sn: number) => boolean): void {
    if (this.#narrow === undefined) return;
    const { arq } = this.pipeline;
    const { rtt, sending, tunables } = arq.block;
    for (let segment = sending.oldest; segment; segment = sending.after(segment)) {
      if (!hasLeft(segment.sn)) segment.ts = (segment.ts - rtt.rto) | 0;
    }
    if (tunables.sendWindow === this.#narrow) tunables.sendWindow = this.#wanted;
    this.#narrow = undefined;
    arq.window.bytesMax = this.#queueBytes;
    arq.kick();
  }

  /** The peer has moved to `address`: what was in flight to the old address is retransmitted, in a new congestion window. */
  move(address: Address): void {
    const { arq } = this.pipeline;
    (this as { remote: Address }).remote = frozenAddress(address);
    arq.block.sending.congestion?.restart();
    arq.kick();
  }
}
