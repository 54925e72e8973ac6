// A session as a stream of Node.

import { Duplex } from 'node:stream';
import { Subscription } from 'rxjs';
import { requireBoolean } from '../../check.ts';
import type { ByteConversation } from '../../session/conversation.ts';
import { chunksAreMessages, PIECE_MAX, readAll, type StreamOptions, sendPieces } from '../pieces.ts';

/** How a session is seen as a stream of Node. */
export interface DuplexOptions extends StreamOptions {
  /** Whether the stream may be written to when the peer has finished. Default false: it ends itself then, as sockets of Node do. */
  allowHalfOpen?: boolean | undefined;
}

/**
 * A session as a `Duplex` of Node, for all that speaks streams: `pipeline`, `http2`, RPC libraries, `for await`.
 * Backpressure works both ways: beyond the windows of the session a stream keeps no more than its two `highWaterMark`s,
 * so a slow reader stops its peer, and `write()` returns false while the send window is full.
 *
 * - Reading ends when the session has ended well, and fails with the error that ended it (whatever `peerLoss` says), both after the last
 *   message that had come before, unless something is written after the failure: then at once.
 * - `end()` sends what is queued, and tells the peer that no more comes (`Session.finish`); `'finish'` comes when the peer has
 *   acknowledged all of it. Reading goes on until the peer has finished, too; then the session ends. A peer of another kind than this
 *   library's cannot be told, and tells nothing: then the session, and reading, end soon after `'finish'`. Send a close message in your own
 *   protocol there, or let the peer set `idleTimeout`.
 * - When the peer has finished, reading ends, and then the stream ends itself, unless it is to stay open for writing (`allowHalfOpen`).
 * - `destroy()` closes the session at once, unless `end()` has handed everything over to it: that is still seen
 *   through. `destroy(error)` ends it with that error.
 * - A byte stream has no message boundaries: use `stream: true` on the session to share segments between small
 *   writes. With `messages: true` the stream is in object mode, and a write fails as `Session.send` does.
 *
 * Use the stream in place of subscribing: each subscriber gets every message, at the pace of the slowest.
 *
 * @example
 * connect({ port: 4000, stream: true }).subscribe(session => {
 *   pipeline(createReadStream('film.mkv'), toDuplex(session), error => console.log(error ?? 'all has arrived'));
 * });
 *
 * @param session a session of `connect` or `listen`, or a stream of `rxkcp/mux`.
 * @param options see {@link DuplexOptions}.
 * @throws OptionError naming the option that is wrong.
 */
export function toDuplex(session: ByteConversation, options: DuplexOptions = {}): Duplex {
  const { allowHalfOpen = false, ...others } = options;
  requireBoolean('allowHalfOpen', allowHalfOpen);
  return new SessionDuplex(session, chunksAreMessages(others), allowHalfOpen);
}

class SessionDuplex extends Duplex {
  readonly #session: ByteConversation;
  readonly #messages: boolean;
  readonly #gate: ByteConversation['demand'];
  readonly #reading = new Subscription();
  #isHeld = true;
  /** All that was written is with the session, which is about to end. */
  #isCompleting = false;
  /** What the session failed with, while there is something to read before. */
  #failure: { readonly error: Error } | undefined;

  constructor(session: ByteConversation, messages: boolean, allowHalfOpen: boolean) {
    super({ objectMode: messages, allowHalfOpen });
    session.following.keepHalfOpen();
    this.#session = session;
    this.#messages = messages;
    this.#gate = session.demand;
    this.#gate.hold();
    this.#reading.add(
      readAll(session, {
        next: (message) => {
          if (!this.push(message)) this.#hold();
        },
        error: (error) => this.#fail(error),
        complete: () => this.push(null),
      }),
    );
  }

  override _read(): void {
    if (!this.#isHeld) return;
    // First: a message may come within the call.
    this.#isHeld = false;
    this.#gate.release();
  }

  override read(size?: number): unknown {
    const chunk = super.read(size);
    const failure = this.#failure;
    if (failure !== undefined && this.readableLength === 0) process.nextTick(() => this.destroy(failure.error));
    return chunk;
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#send([chunk]).then(() => done(), done);
  }

  override _writev(writes: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#send(writes.map(({ chunk }) => chunk)).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    // Then reading has told how it ended.
    if (this.#session.closed) {
      done();
      return;
    }
    this.#isCompleting = true;
    this.#session.finish().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#reading.unsubscribe();
    this._read();
    if (error !== null) this.#session.error(error);
    else if (this.#isCompleting) this.#session.complete();
    else this.#session.close();
    done(error);
  }

  async #send(chunks: Uint8Array[]): Promise<void> {
    if (this.#messages) for (const chunk of chunks) await this.#session.send(chunk);
    else for (const bytes of joined(chunks)) await sendPieces(this.#session, bytes);
  }

  #hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#gate.hold();
  }

  #fail(error: Error): void {
    if (this.readableLength === 0) this.destroy(error);
    else this.#failure = { error };
  }
}

/** Small chunks together, so that they share a message; large ones as they are. */
function* joined(chunks: Uint8Array[]): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let size = 0;
  for (const chunk of chunks) {
    if (size + chunk.length > PIECE_MAX) {
      yield Buffer.concat(small);
      small = [];
      size = 0;
    }
    small.push(chunk);
    size += chunk.length;
  }
  yield small.length === 1 ? small[0]! : Buffer.concat(small);
}
