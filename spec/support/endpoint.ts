// One end of a conversation on a virtual clock, whatever implements it: the control block, or a twin of it.

import { HEADROOM } from '../../src/bytes/burst.ts';
import { kcpWindow } from '../../src/core/congestion/kcp-window.ts';
import { ControlBlock } from '../../src/core/kcp/control-block.ts';
import { Counters } from '../../src/counters/counters.ts';

export interface EndpointOptions {
  readonly conv: number;
  readonly nodelay: boolean;
  readonly interval: number;
  readonly resend: number;
  readonly nc: boolean;
  readonly sendWindow: number;
  readonly receiveWindow: number;
  readonly mtu: number;
  readonly stream: boolean;
  readonly ackNoDelay: boolean;
  readonly writeDelay: boolean;
  readonly start: number;
  readonly initialSn: { readonly send: number; readonly receive: number };
}

export interface Endpoint {
  /** Whether a write is taken now. */
  readonly canSend: boolean;
  write(message: Uint8Array, now: number): void;
  input(packet: Uint8Array, now: number): void;
  read(now: number): Uint8Array | undefined;
  /** ms until `wake`; undefined for never. */
  nextWake(now: number): number | undefined;
  wake(now: number): void;
  /** Packets since the last call. */
  takeBurst(): Uint8Array[];
}

/** The control block, driven as `arq` drives it, without an idle timeout or an end. */
export class BlockEndpoint implements Endpoint {
  readonly block: ControlBlock;
  readonly #options: EndpointOptions;
  readonly #scribbles: boolean;

  /** @param scribbles whether a layer below writes to the headroom of its packets. */
  constructor(options: EndpointOptions, scribbles = false) {
    this.#scribbles = scribbles;
    const { start, initialSn, nc, writeDelay: _, ...tunables } = options;
    this.#options = options;
    this.block = new ControlBlock({
      ...tunables,
      controller: nc ? undefined : kcpWindow,
      now: start,
      counters: new Counters(),
      initialSn,
      deadLink: 1_000_000,
      idleTimeout: 0,
    });
    if (scribbles) this.block.headroom = HEADROOM;
  }

  get canSend(): boolean {
    return this.block.canSend;
  }

  write(message: Uint8Array, now: number): void {
    this.block.send(message, now);
    if (!this.#options.writeDelay || !this.block.canSend) this.block.flush(now, true);
  }

  input(packet: Uint8Array, now: number): void {
    if (this.block.input(packet, now)) this.block.flushAfterInput(now);
  }

  read(now: number): Uint8Array | undefined {
    return this.block.read(now);
  }

  nextWake(now: number): number | undefined {
    return this.block.nextTimeout(now);
  }

  wake(now: number): void {
    this.block.tick(now);
  }

  takeBurst(): Uint8Array[] {
    const burst = this.block.takeBurst();
    if (this.#scribbles) {
      for (const packet of burst) new Uint8Array(packet.buffer, packet.byteOffset - HEADROOM, HEADROOM).fill(0xdb);
    }
    return burst;
  }
}
