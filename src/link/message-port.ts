// A link over a MessagePort: sessions between workers, frames and windows of a browser, or worker threads of Node.

import type { Burst } from '../bytes/burst.ts';
import { processCounters } from '../counters/process.ts';
import { DATAGRAM_MAX } from '../limits.ts';
import type { Link } from './link.ts';
import { incomingOf } from './spent.ts';

/** A `MessagePort`, in as far as it is used: the browser's, or that of `node:worker_threads`. */
export interface MessagePortLike {
  /** Posts a message, and gives up the buffers that are transferred with it. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Of the types `message`, `messageerror` and `close`. */
  addEventListener(type: string, listener: (event: object) => void): void;
  /** Undoes that. */
  removeEventListener(type: string, listener: (event: object) => void): void;
  /** Lets messages come that have waited. */
  start(): void;
  /** Closes both ends. */
  close(): void;
}

/**
 * A link over a `MessagePort`: one end of a `MessageChannel`, whose other end another worker, frame or window was given.
 * Both ends use it.
 *
 * Each burst is one message: an array of `Uint8Array`s that share one buffer, into which the datagrams are copied, and which is
 * transferred. What other messages hold is dropped, and counted as `InErrs`. A port has no backpressure and loses nothing;
 * what may pile up in it, while the other end is busy, is what the session's send window and its retransmissions allow.
 *
 * What arrives before the session is there waits in the port. Closing the session closes the port, and another session over it
 * fails with {@link LinkSpentError}. The session ends as `peer` when the other end closes, where the platform tells (Node does, and
 * browsers whose ports have a `close` event).
 *
 * @example
 * const { port1, port2 } = new MessageChannel();
 * worker.postMessage(port2, [port2]);
 * connect({ link: messagePortLink(port1), conv: 1 }).subscribe(session => session.subscribe(session));
 *
 * @param port a port without other listeners or senders.
 */
export function messagePortLink(port: MessagePortLike): Link {
  return {
    incoming: incomingOf(port, (subscriber) => {
      const onMessage = (event: object): void => {
        const { data } = event as { readonly data: unknown };
        const datagrams: readonly unknown[] = Array.isArray(data) ? data : [data];
        const burst = datagrams.filter(isDatagram);
        processCounters().InErrs += datagrams.length - burst.length;
        if (burst.length > 0) subscriber.next(burst);
      };
      const onMessageError = (): void => {
        processCounters().InErrs++;
      };
      const onClose = (): void => subscriber.complete();
      port.addEventListener('message', onMessage);
      port.addEventListener('messageerror', onMessageError);
      port.addEventListener('close', onClose);
      port.start();
      return () => {
        port.removeEventListener('message', onMessage);
        port.removeEventListener('messageerror', onMessageError);
        port.removeEventListener('close', onClose);
        port.close();
      };
    }),
    outgoing: {
      next: (burst) => {
        const { datagrams, buffer } = packed(burst);
        port.postMessage(datagrams, [buffer]);
      },
    },
  };
}

function isDatagram(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= DATAGRAM_MAX;
}

/** The same datagrams in a separate buffer, because the buffers they are views of must not be transferred. */
function packed(burst: Burst): { datagrams: Uint8Array[]; buffer: ArrayBuffer } {
  const buffer = new ArrayBuffer(burst.reduce((bytes, datagram) => bytes + datagram.length, 0));
  let at = 0;
  const datagrams = burst.map((datagram) => {
    const copy = new Uint8Array(buffer, at, datagram.length);
    copy.set(datagram);
    at += datagram.length;
    return copy;
  });
  return { datagrams, buffer };
}
