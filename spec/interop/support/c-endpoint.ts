// The C core (ikcp.c, by way of node-kcp) on a UDP socket of its own: one end of one conversation. It is what keeps
// message borders; kcp-go does not.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Subject } from 'rxjs';
import { MODES } from 'rxkcp';
import type { Cleanup } from './cleanup.ts';
import type { Presence } from './peer-presence.ts';
import type { Settings } from './settings.ts';

/** The addon's class. */
export interface NativeKcp {
  nodelay(nodelay: number, interval: number, resend: number, nc: number): void;
  wndsize(send: number, receive: number): void;
  setmtu(mtu: number): void;
  output(send: (packet: Buffer) => void): void;
  input(packet: Buffer): number;
  /** Negative when refused. */
  send(message: Buffer): number;
  recv(): Buffer | undefined;
  update(now: number): void;
  /** When to update next, on the clock of `update`. */
  check(now: number): number;
  flush(): void;
  /** Segments queued and in flight. */
  waitsnd(): number;
  stream(on: number): void;
  release(): void;
}

type KcpConstructor = new (conv: number) => NativeKcp;

const loaded = load();

export const cCore: Presence = { peer: 'the C core', missing: 'missing' in loaded ? loaded.missing : undefined };

/** @throws Error where the addon is missing. */
export function newNativeKcp(conv: number): NativeKcp {
  if ('missing' in loaded) throw new Error(loaded.missing);
  return new loaded.KCP(conv);
}

/** Most fragments of a message that it sends (ikcp.c, ikcp_send: IKCP_WND_RCV − 1). */
export const C_FRAGMENTS_MAX = 127;

/** ms between updates. */
const TICK = 5;

export class CEndpoint {
  /** Messages received. */
  readonly messages = new Subject<Uint8Array>();
  readonly port: number;
  readonly #kcp: NativeKcp;
  #peerPort: number;

  /** @param peerPort where the other end is; unknown: wherever the first datagram comes from. */
  static async open(conv: number, settings: Settings, cleanup: Cleanup, peerPort = 0): Promise<CEndpoint> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new CEndpoint(socket, conv, settings, cleanup, peerPort);
  }

  private constructor(socket: Socket, conv: number, settings: Settings, cleanup: Cleanup, peerPort: number) {
    const { nodelay, interval, resend, nc } = MODES[settings.mode];
    const kcp = newNativeKcp(conv);
    kcp.nodelay(Number(nodelay), interval, resend, Number(nc));
    kcp.wndsize(settings.window, settings.window);
    kcp.setmtu(settings.mtu);
    kcp.output((packet) => socket.send(packet, this.#peerPort, '127.0.0.1'));
    this.#kcp = kcp;
    this.#peerPort = peerPort;
    this.port = socket.address().port;
    socket.on('message', (datagram, { port }) => {
      this.#peerPort = port;
      kcp.input(datagram);
      this.#deliver();
    });
    this.#update();
    const timer = setInterval(() => this.#update(), TICK);
    cleanup(() => {
      clearInterval(timer);
      socket.close();
      kcp.release();
    });
  }

  send(message: Uint8Array): void {
    const result = this.#kcp.send(Buffer.from(message));
    if (result < 0) throw new Error(`the C core refused a message of ${message.length} bytes (${result})`);
  }

  #update(): void {
    this.#kcp.update(Math.trunc(performance.now()));
    this.#deliver();
  }

  #deliver(): void {
    for (let message = this.#kcp.recv(); message !== undefined; message = this.#kcp.recv()) this.messages.next(message);
  }
}

function load(): { readonly KCP: KcpConstructor } | { readonly missing: string } {
  const require = createRequire(new URL('../peers/c-core/package.json', import.meta.url));
  try {
    return require('node-kcp/index.js');
  } catch (error) {
    return { missing: `npm ci --prefix spec/interop/peers/c-core: ${(error as Error).message.split('\n')[0]}` };
  }
}
