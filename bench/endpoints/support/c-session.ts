// A session of the C core (ikcp.c), by way of the addon node-kcp, with what it leaves to its user: the clock.

import { createRequire } from 'node:module';
import { flags } from './flags.ts';

interface NativeKcp {
  nodelay(nodelay: number, interval: number, resend: number, nc: number): void;
  wndsize(send: number, receive: number): void;
  setmtu(mtu: number): void;
  stream(on: number): void;
  output(send: (packet: Buffer) => void): void;
  input(packet: Buffer): number;
  /** Negative when refused. */
  send(message: Buffer): number;
  /** In stream mode all there is. */
  recv(): Buffer | undefined;
  /** Segments queued and in flight. */
  waitsnd(): number;
  /** Sets the clock, and flushes when an interval has passed. */
  update(now: number): void;
  /** ms until the next `update` has something to do. */
  check(now: number): number;
  flush(): void;
}

const { KCP } = createRequire(import.meta.url)(flags.addon) as { readonly KCP: new (conv: number) => NativeKcp };

/** What a session tells its owner. */
export interface CSessionEvents {
  readonly packet: (packet: Buffer) => void;
  readonly message: (message: Buffer) => void;
  /** There may be room in the send window. */
  readonly room?: () => void;
}

export class CSession {
  readonly #kcp: NativeKcp;
  readonly #events: CSessionEvents;

  constructor(conv: number, events: CSessionEvents) {
    const { mode } = flags;
    const kcp = new KCP(conv);
    kcp.nodelay(Number(mode.nodelay), mode.interval, mode.resend, Number(mode.nc));
    kcp.wndsize(flags.sendWindow, flags.receiveWindow);
    kcp.setmtu(flags.mtu);
    kcp.stream(Number(flags.stream));
    kcp.output(events.packet);
    this.#kcp = kcp;
    this.#events = events;
    // A core that was never updated does not flush.
    kcp.update(now());
    setTimeout(() => this.#tick(), 0);
  }

  get hasRoom(): boolean {
    return this.#kcp.waitsnd() < flags.sendWindow;
  }

  /** A datagram has come. */
  input(datagram: Buffer): void {
    // The core takes round trips from the time of its last update.
    this.#kcp.update(now());
    this.#kcp.input(datagram);
    for (let message = this.#kcp.recv(); message !== undefined; message = this.#kcp.recv())
      this.#events.message(message);
    this.#events.room?.();
  }

  /** Queues a message until the next update or flush. */
  send(message: Buffer): void {
    const result = this.#kcp.send(message);
    if (result < 0) throw new Error(`the C core refused ${message.length} bytes (${result})`);
  }

  /** Lets everything go at once. */
  flush(): void {
    this.#kcp.flush();
  }

  /** Updates when the core wants it. */
  #tick(): void {
    this.#kcp.update(now());
    this.#events.room?.();
    setTimeout(() => this.#tick(), this.#kcp.check(now()));
  }
}

/** ms, whole as the core wants them. */
function now(): number {
  return Math.trunc(performance.now());
}
