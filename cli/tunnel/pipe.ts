// A socket and a stream, joined: bytes with backpressure, and the end of each direction by itself.

import type { Socket } from 'node:net';
import type { MuxStream } from 'rxkcp/mux';

/** Bytes that may wait for a socket before nothing more is read of its stream. */
const WAITING_MAX = 512 * 1024;

/**
 * Carries both directions until both have ended, or either end has failed. The socket must allow to be half-open.
 *
 * @param closewait s without data, after one direction has ended, after which the other is ended, too; 0: never.
 * @returns resolves when both are closed.
 */
export function pipe(socket: Socket, stream: MuxStream, closewait: number): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    /** Whether one direction has ended. */
    let isHalf = false;
    const wait = (): void => {
      if (!isHalf || closewait === 0) return;
      clearTimeout(timer);
      timer = setTimeout(() => socket.destroy(), 1000 * closewait);
    };
    const half = (): void => {
      isHalf = true;
      wait();
    };
    stream.following.keepHalfOpen();
    socket.setNoDelay(true);

    socket.on('data', (chunk: Uint8Array) => {
      wait();
      stream.next(chunk);
    });
    const flowing = stream.congested$.subscribe((isFull) => (isFull ? socket.pause() : socket.resume()));
    socket.on('end', () => {
      half();
      stream.complete();
    });
    socket.on('drain', () => stream.resume());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      flowing.unsubscribe();
      stream.close();
      resolve();
    });

    stream.subscribe({
      next: (bytes) => {
        wait();
        // What one burst of packets brings leaves together.
        if (socket.writableCorked === 0) {
          socket.cork();
          process.nextTick(() => socket.uncork());
        }
        socket.write(bytes);
        if (socket.writableLength >= WAITING_MAX) stream.pause();
      },
      error: () => socket.destroy(),
      complete: () => {
        half();
        socket.end();
      },
    });
    // A peer that has closed the stream takes nothing more.
    stream.closed$.subscribe(({ reason }) => {
      if (reason === 'peer') socket.end(() => socket.destroy());
      if (reason === 'failed') socket.destroy();
    });
  });
}
