// A link over a stream of Node.

import type { Duplex } from 'node:stream';
import { FrameDecoder, frame } from '../../framing/frames.ts';
import { DATAGRAM_MAX } from '../../limits.ts';
import type { Link } from '../../link/link.ts';
import { incomingOf } from '../../link/spent.ts';

const FORMAT = { maxLength: DATAGRAM_MAX, prefixBytes: 2, littleEndian: false } as const;

/**
 * A link over a `Duplex`: datagrams, each with its length in front (2 bytes, network byte order), through a pipe,
 * a TCP connection, a child process. Both ends use it.
 *
 * That is for where a session has to go and UDP cannot, and for tests: what is below is reliable already, or should
 * be. Datagrams are dropped while the stream is full (`write()` has returned false), as a network does. For messages
 * over a stream without a session, use the framing operators: `from(duplex).pipe(decodeFrames())`.
 *
 * The session ends as `peer` when the stream ends, and fails with the error of the stream, with
 * `FrameTooLargeError` when there are no datagrams in it, and with `TruncatedFrameError` when it ends within one. If the
 * stream has ended or failed before, the session ends at once in the same way. Closing the session destroys the stream, and
 * another session over it fails with `LinkSpentError`.
 *
 * @example
 * // Server. A stream carries one conversation: both ends use the same `conv`.
 * net.createServer(socket => {
 *   connect({ link: fromDuplex(socket), conv: 1 }).subscribe(session => {
 *     session.subscribe({ next: message => session.next(message), error: console.error });
 *   });
 * }).listen(4000);
 *
 * // Client.
 * connect({ link: fromDuplex(net.connect(4000)), conv: 1 }).subscribe(session => {
 *   session.subscribe({ next: message => console.log(message), error: console.error });
 *   session.next(new TextEncoder().encode('hello'));
 * });
 *
 * @param duplex a byte stream without other readers and writers.
 */
export function fromDuplex(duplex: Duplex): Link {
  return {
    incoming: incomingOf(duplex, (subscriber) => {
      const decoder = new FrameDecoder(FORMAT);
      const attempt = (action: () => void): void => {
        try {
          action();
        } catch (error) {
          subscriber.error(error);
        }
      };
      const onData = (chunk: Uint8Array): void => attempt(() => subscriber.next([...decoder.decode(chunk)]));
      const onError = (error: Error): void => subscriber.error(error);
      const onEnd = (): void =>
        attempt(() => {
          decoder.end();
          subscriber.complete();
        });
      duplex.on('data', onData).on('error', onError).on('end', onEnd).on('close', onEnd);
      // A stream that has failed or ended before emits no event any more.
      if (duplex.errored) onError(duplex.errored);
      else if (duplex.destroyed || duplex.readableEnded) onEnd();
      return () => {
        duplex.off('data', onData).off('end', onEnd).off('close', onEnd);
        // What was sent last gets its chance, unless the stream does not accept it.
        if (duplex.writableNeedDrain) duplex.destroy();
        else duplex.end(() => duplex.destroy());
      };
    }),
    outgoing: {
      next: (burst) => {
        for (const packet of burst) {
          if (duplex.writable && !duplex.writableNeedDrain) duplex.write(frame(packet, FORMAT));
        }
      },
    },
  };
}
