// A plain UDP forwarder between one client and one server, which counts what passes and can slip datagrams in: under
// the address that each end believes to be the other's.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Cleanup } from './cleanup.ts';

const HOST = '127.0.0.1';

export class Wiretap {
  /** Where the client is to send to. */
  readonly port: number;
  /** Datagrams so far. */
  fromClient = 0;
  fromServer = 0;
  /** Bytes of the longest datagram of each end. */
  longestFromClient = 0;
  longestFromServer = 0;
  /** The last datagram of each end; empty before the first. */
  lastFromClient: Uint8Array = new Uint8Array();
  lastFromServer: Uint8Array = new Uint8Array();
  /** Whether what the server says is lost. */
  isServerMute = false;
  /** Called behind each datagram of the client. */
  onClient: () => void = () => {};
  readonly #front: Socket;
  readonly #back: Socket;
  readonly #serverPort: number;
  #clientPort = 0;

  static async open(serverPort: number, cleanup: Cleanup): Promise<Wiretap> {
    const [front, back] = [createSocket('udp4'), createSocket('udp4')];
    cleanup(() => {
      front.close();
      back.close();
    });
    for (const socket of [front, back]) {
      // A port that has lost its listener is part of what is tested.
      socket.on('error', () => {});
      socket.bind(0, HOST);
      await once(socket, 'listening');
    }
    return new Wiretap(front, back, serverPort);
  }

  private constructor(front: Socket, back: Socket, serverPort: number) {
    this.port = front.address().port;
    this.#front = front;
    this.#back = back;
    this.#serverPort = serverPort;
    front.on('message', (datagram, { port }) => {
      this.#clientPort = port;
      this.fromClient++;
      this.lastFromClient = datagram;
      this.longestFromClient = Math.max(this.longestFromClient, datagram.length);
      this.sendToServer(datagram);
      this.onClient();
    });
    back.on('message', (datagram) => {
      this.fromServer++;
      this.lastFromServer = datagram;
      this.longestFromServer = Math.max(this.longestFromServer, datagram.length);
      if (!this.isServerMute) this.sendToClient(datagram);
    });
  }

  /** As if the client had sent it. */
  sendToServer(datagram: Uint8Array): void {
    this.#back.send(datagram, this.#serverPort, HOST);
  }

  /** As if the server had sent it; to be used once the client has said something. */
  sendToClient(datagram: Uint8Array): void {
    this.#front.send(datagram, this.#clientPort, HOST);
  }
}
