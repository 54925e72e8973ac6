// The sending side of a socket of node:dgram.

import type { Socket } from 'node:dgram';
import { processCounters } from '../metrics.ts';
import type { Burst } from './link.ts';
import { ReusedMemory } from './reused-memory.ts';

/** Bytes the kernel may leave with us because its own buffer is full; beyond that datagrams are dropped. */
const SEND_QUEUE_MAX = 4 * 1024 * 1024;
/** What a flight of 128 packets takes, with a third as much parity; what is more has memory of its own. */
const MEMORY_BYTES = 256 * 1024;

/** The sending side of a socket, which may be closed at any time, by us or by its owner. */
export class DatagramSender {
  /** For datagrams that are written to be sent: from the front again whenever the socket has sent all it was given. */
  readonly memory = new ReusedMemory(MEMORY_BYTES);
  readonly #socket: Socket;
  #open = true;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends to `port` and `address`, or to the peer the socket is connected to. */
  send(burst: Burst, port?: number, address?: string): void {
    if (!this.#open) return;
    try {
      if (this.#socket.getSendQueueSize() > SEND_QUEUE_MAX) {
        processCounters().InErrs += burst.length;
        return;
      }
      for (const packet of burst) {
        if (port === undefined) this.#socket.send(packet);
        else this.#socket.send(packet, port, address);
      }
      if (this.#socket.getSendQueueSize() === 0) this.memory.offset = 0;
    } catch {
      // Closed, though its `close` event is yet to come: that one tells the session.
      this.#open = false;
    }
  }

  close(): void {
    this.#open = false;
  }
}
