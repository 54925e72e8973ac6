// A NAT between one client and one server, which now and then forgets the client and gives it another port.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Cleanup } from './cleanup.ts';

const HOST = '127.0.0.1';

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4').on('error', () => {});
  socket.bind(0, HOST);
  await once(socket, 'listening');
  return socket;
}

export class MovingNat {
  /** Where the client is to send to. */
  readonly port: number;
  /** When the client got another port. */
  readonly movedAt: number[] = [];
  readonly #inside: Socket;
  readonly #serverPort: number;
  #outside: Socket;
  #client = 0;

  static async open(serverPort: number, cleanup: Cleanup): Promise<MovingNat> {
    const nat = new MovingNat(await bound(), await bound(), serverPort);
    cleanup(() => {
      nat.#inside.close();
      nat.#outside.close();
    });
    return nat;
  }

  private constructor(inside: Socket, outside: Socket, serverPort: number) {
    this.port = inside.address().port;
    this.#inside = inside;
    this.#outside = this.#answering(outside);
    this.#serverPort = serverPort;
    inside.on('message', (datagram, { port }) => {
      this.#client = port;
      this.#outside.send(datagram, this.#serverPort, HOST);
    });
  }

  /** The client has another port from here on; what is sent to the old one is lost. */
  async forget(): Promise<void> {
    const before = this.#outside;
    this.#outside = this.#answering(await bound());
    this.movedAt.push(performance.now());
    before.close();
  }

  #answering(socket: Socket): Socket {
    return socket.on('message', (datagram) => this.#inside.send(datagram, this.#client, HOST));
  }
}
