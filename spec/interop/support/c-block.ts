// The C core as one end of a conversation on a virtual clock: it takes the time as an argument.

import type { Endpoint, EndpointOptions } from '../../support/endpoint.ts';
import { type NativeKcp, newNativeKcp } from './c-endpoint.ts';

/** Driven as its README says (`update` when `check` tells), with a flush after each write, as ours has. */
export class CBlock implements Endpoint {
  readonly #kcp: NativeKcp;
  readonly #sendWindow: number;
  readonly #ackNoDelay: boolean;
  #burst: Uint8Array[] = [];

  constructor(options: EndpointOptions) {
    const { conv, nodelay, interval, resend, nc, sendWindow, receiveWindow, mtu, stream, ackNoDelay, start } = options;
    this.#kcp = newNativeKcp(conv >>> 0);
    this.#sendWindow = sendWindow;
    this.#ackNoDelay = ackNoDelay;
    this.#kcp.nodelay(Number(nodelay), interval, resend, Number(nc));
    this.#kcp.wndsize(sendWindow, receiveWindow);
    this.#kcp.setmtu(mtu);
    this.#kcp.stream(Number(stream));
    this.#kcp.output((packet) => this.#burst.push(Uint8Array.from(packet)));
    this.#kcp.update(start >>> 0);
  }

  get canSend(): boolean {
    return this.#kcp.waitsnd() < this.#sendWindow;
  }

  /** Whether all that was written has been acknowledged. */
  get drained(): boolean {
    return this.#kcp.waitsnd() === 0;
  }

  write(message: Uint8Array, now: number): void {
    this.#kcp.update(now >>> 0);
    const result = this.#kcp.send(Buffer.from(message));
    if (result < 0) throw new Error(`the C core refused a message of ${message.length} bytes (${result})`);
    this.#kcp.flush();
  }

  input(packet: Uint8Array, now: number): void {
    // Or it would measure round trips by the time of its last update.
    this.#kcp.update(now >>> 0);
    this.#kcp.input(Buffer.from(packet));
    if (this.#ackNoDelay) this.#kcp.flush();
  }

  read(): Uint8Array | undefined {
    return this.#kcp.recv();
  }

  nextWake(now: number): number {
    // It says "now" until its next flush when a timeout is due before that; to be asked again is enough.
    return Math.max((this.#kcp.check(now >>> 0) - now) | 0, 1);
  }

  wake(now: number): void {
    this.#kcp.update(now >>> 0);
  }

  takeBurst(): Uint8Array[] {
    const burst = this.#burst;
    this.#burst = [];
    return burst;
  }

  release(): void {
    this.#kcp.release();
  }
}
