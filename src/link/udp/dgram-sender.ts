// The sending side of a socket of node:dgram.

import type { Socket } from 'node:dgram';
import type { Burst } from '../../bytes/burst.ts';
import { ReusedMemory } from '../../bytes/reused-memory.ts';
import { processCounters } from '../../counters/process.ts';
import { ScavengePacer } from './scavenge-pacer.ts';

/** Bytes the kernel may leave with us because its own buffer is full; beyond that datagrams are dropped. */
const SEND_QUEUE_MAX = 4 * 1024 * 1024;
/** What a flight of 128 packets takes, with a third as much parity; anything larger gets its own memory. */
const MEMORY_BYTES = 256 * 1024;

/**
 * ms between two datagrams for which the socket is asked what became of them. node:dgram reports what the system refuses to callbacks only, and to ask takes
 * a tick.
 */
const ASK_GAP = 100;

/** Sends through a socket, which may be closed at any time, by us or by its owner. */
export class DatagramSender {
  /** For datagrams that are about to be sent: written from the front again whenever the socket has sent all datagrams. */
  readonly memory = new ReusedMemory(MEMORY_BYTES);
  /**
   * Whether the socket reports what waits in it. Then `send` either sends at once or leaves the datagram in that queue. (Deno's
   * sockets report nothing, and read a datagram some time after they were given it.)
   */
  readonly reportsQueue: boolean;
  /** The receiving side reports to it, too. */
  readonly scavenges = new ScavengePacer();
  readonly #socket: Socket;
  /** Called when the socket is done with a datagram, if only that tells whether it has left. */
  readonly #done: ((error: Error | null) => void) | undefined;
  /** Called when the socket is done with a datagram that it was asked about. */
  readonly #answered: ((error: Error | null) => void) | undefined;
  #askedAt = -Infinity;
  /** Datagrams that `#done` is to be called for. */
  #underWay = 0;
  #open = true;

  /**
   * @param resolves whether the socket may look up addresses before it sends, as a lent socket may. Otherwise it is connected, or
   * its resolver answers within the call.
   * @param failed called with an error of the system's at sending: not with each of them.
   */
  constructor(socket: Socket, resolves: boolean, failed?: (error: NodeJS.ErrnoException) => void) {
    this.#socket = socket;
    this.#answered =
      failed &&
      ((error) => {
        if (!error) return;
        processCounters().InErrs++;
        failed(error);
      });
    this.reportsQueue = typeof socket.getSendQueueSize === 'function' && !('deno' in process.versions);
    if (!resolves && this.reportsQueue) return;
    this.#done = (error) => {
      this.#underWay--;
      if (error === null || error === undefined) return;
      processCounters().InErrs++;
      failed?.(error);
    };
  }

  /** Whether all that the socket was given has left. */
  get isIdle(): boolean {
    return this.#underWay === 0 && this.#queueSize() === 0;
  }

  /** Sends to `port` and `address`, or to the peer the socket is connected to. */
  send(burst: Burst, port?: number, address?: string): void {
    if (!this.#open) return;
    if (this.#queueSize() > SEND_QUEUE_MAX) {
      processCounters().InErrs += burst.length;
      return;
    }
    try {
      let done = this.#done ?? this.#ask();
      for (const packet of burst) {
        if (port === undefined) this.#socket.send(packet, done);
        else this.#socket.send(packet, port, address, done);
        if (this.#done !== undefined) this.#underWay++;
        done = this.#done;
      }
    } catch (error) {
      // Closed, though its `close` event is yet to come: that event ends the session.
      if ((error as { code?: unknown }).code !== 'ERR_SOCKET_DGRAM_NOT_RUNNING') throw error;
      this.#open = false;
    }
    this.scavenges.sent(burst.length);
    if (this.#queueSize() === 0) this.memory.offset = 0;
  }

  close(): void {
    this.#open = false;
  }

  /** What the next datagram is sent with, if it is time to ask. */
  #ask(): ((error: Error | null) => void) | undefined {
    if (this.#answered === undefined) return undefined;
    const now = performance.now();
    if (now - this.#askedAt < ASK_GAP) return undefined;
    this.#askedAt = now;
    return this.#answered;
  }

  /** Bytes that wait in the socket. */
  #queueSize(): number {
    if (!this.reportsQueue) return 0;
    try {
      return this.#socket.getSendQueueSize();
    } catch {
      // The socket is closed, which `send` reports; Node throws a TypeError here.
      return 0;
    }
  }
}
