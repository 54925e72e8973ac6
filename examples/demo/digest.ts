// The receiving end's part of the file protocol: a length of 8 bytes, big-endian, and as many bytes after it.

import { createHash } from 'node:crypto';
import { Observable, type OperatorFunction } from 'rxjs';

export const LENGTH_BYTES = 8;

/** Reads a file from a stream of bytes, keeping none of it; emits its SHA-256 when the last byte has come. */
export function fileDigest(): OperatorFunction<Uint8Array, Uint8Array> {
  return (pieces) =>
    new Observable((subscriber) => {
      const hash = createHash('sha256');
      const header = new Uint8Array(LENGTH_BYTES);
      let headerBytes = 0;
      let left = Number.POSITIVE_INFINITY;
      return pieces.subscribe({
        next: (piece) => {
          // Borders of pieces mean nothing in a stream: even the length may come in two.
          const ofHeader = piece.subarray(0, LENGTH_BYTES - headerBytes);
          header.set(ofHeader, headerBytes);
          headerBytes += ofHeader.length;
          if (headerBytes < LENGTH_BYTES) return;
          if (left === Number.POSITIVE_INFINITY) left = Number(new DataView(header.buffer).getBigUint64(0));
          const content = piece.subarray(ofHeader.length);
          hash.update(content);
          left -= content.length;
          if (left > 0) return;
          subscriber.next(hash.digest());
          subscriber.complete();
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
