// HTTP/2 over a stream that is not of TCP, for clients that read responses by promises (Connect does), from Node 24 on.
//
// Node hands each chunk of such a stream to HTTP/2 as a whole. If a small response is in one chunk with its trailers, its stream has
// been closed before any promise of its reader has resolved: "Premature close". A socket of TCP has the promises resolved in between.

import { Duplex, Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

const HEADER_BYTES = 9;

/** `duplex`, a client's connection to an HTTP/2 server, of which one frame is read per turn of the event loop. */
export function frameByFrame(duplex: Duplex): Duplex {
  return Duplex.from({ readable: Readable.from(frames(duplex), { objectMode: false }), writable: duplex });
}

async function* frames(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const length = HEADER_BYTES + rest.readUIntBE(0, 3);
      if (rest.length < length) break;
      yield rest.subarray(0, length);
      await nextTurn();
      rest = rest.subarray(length);
    }
  }
}
