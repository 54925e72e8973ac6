// A session as a pair of web streams.

import { SessionClosedError } from '../errors.ts';
import type { ByteConversation } from '../session/conversation.ts';
import type { SessionEnd } from '../session/end.ts';
import { chunksAreMessages, readAll, type StreamOptions, sendPieces } from './pieces.ts';

/** The two directions of a session. */
export interface WebStreams {
  /** What comes in. Each chunk is the reader's. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What goes out. Each chunk is copied before its write resolves. */
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * A session as `{ readable, writable }`, for all that speaks web streams: `pipeTo`, `pipeThrough`, `Response`, compression.
 * Nothing is buffered on either side beyond the windows of the session: it delivers only while a read waits, so a slow
 * reader stops its peer; a write resolves when the send window has taken it.
 *
 * - `readable` ends when the session has ended well, and fails with the error that ended it (whatever `peerLoss` says), both after the
 *   last message that had come before. `cancel()` stops reading, and closes nothing.
 * - `writable.close()` sends what is queued, tells the peer that no more comes (`Session.finish`), and resolves when the peer has
 *   acknowledged all of it. `readable` goes on until the peer has finished, too; then the session ends. A peer of another kind than this
 *   library's cannot be told, and tells nothing: then the session, and `readable`, end soon after. `abort(reason)` ends the session at
 *   once with that error, even while a write waits for the send window.
 * - A write fails as `Session.send` does. In a stream of bytes empty chunks are nothing; chunks of any size are
 *   cut into pieces without message boundaries.
 *
 * Use `readable` in place of subscribing: each subscriber gets every message, at the pace of the slowest.
 *
 * @example
 * const { readable, writable } = toWebStreams(session);
 * await file.stream().pipeThrough(new CompressionStream('gzip')).pipeTo(writable);
 *
 * @param session a session of `connect` or `listen`, or a stream of `rxkcp/mux`.
 * @param options see {@link StreamOptions}.
 * @throws OptionError naming the option that is wrong.
 */
export function toWebStreams(session: ByteConversation, options: StreamOptions = {}): WebStreams {
  const messages = chunksAreMessages(options);
  session.following.keepHalfOpen();
  return { readable: readableOf(session), writable: writableOf(session, messages) };
}

function readableOf(session: ByteConversation): ReadableStream<Uint8Array> {
  const gate = session.demand;
  let isHeld = true;
  const hold = (): void => {
    if (isHeld) return;
    isHeld = true;
    gate.hold();
  };
  const release = (): void => {
    if (!isHeld) return;
    // First: a message may come within the call.
    isHeld = false;
    gate.release();
  };
  gate.hold();
  let stop = (): void => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const reading = readAll(session, {
          next: (message) => {
            hold();
            controller.enqueue(message);
          },
          error: (error) => controller.error(error),
          complete: () => controller.close(),
        });
        stop = () => {
          reading.unsubscribe();
          release();
        };
      },
      pull: release,
      cancel: () => stop(),
    },
    // Nothing is read ahead: an error of the session would overtake it.
    { highWaterMark: 0 },
  );
}

function writableOf(session: ByteConversation, messages: boolean): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    start(controller) {
      // (The types of Node 20 lack it.)
      const { signal } = controller as WritableStreamDefaultController & { readonly signal: AbortSignal };
      // A stream calls its `abort` only after the write that is under way, which may wait for the send window.
      signal.addEventListener('abort', () => session.error(signal.reason), { once: true });
      session.closed$.subscribe((end) => {
        // A stream that is being aborted has its error already.
        if (end.reason !== 'completed' && !signal.aborted) controller.error(errorOf(session, end));
      });
    },
    write: (chunk) => (messages ? session.send(chunk) : sendPieces(session, chunk)),
    close: () => session.finish(),
  });
}

/** What to tell a writer whose session has ended before everything was acknowledged. */
function errorOf(session: ByteConversation, { reason, error }: SessionEnd): unknown {
  return reason === 'failed' ? error : new SessionClosedError(session.conv);
}
