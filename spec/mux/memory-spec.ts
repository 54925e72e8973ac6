// Whose the bytes are that a stream delivers: the reader's alone, though the session below reads all into the same memory.

import { expect, test } from 'vitest';
import { muxPair } from '../support/mux-pair.ts';
import { bytes, integer, seeded } from '../support/random.ts';

test.each([true, false])(
  'chunks that are kept, written to or transferred stay what they are (stream mode %s)',
  (stream) => {
    const random = seeded(3);
    const network = { loss: 0.05, delay: 10, seed: 4 };
    const { client, server, run } = muxPair({ network, session: { stream } });
    const kept: Uint8Array[][] = [];
    server.streams$.subscribe((accepted) => {
      const chunks: Uint8Array[] = [];
      kept.push(chunks);
      accepted.subscribe((chunk) => {
        expect(chunk.byteOffset).toBe(0);
        expect(chunk.buffer.byteLength).toBe(chunk.length);
        chunks.push(
          chunks.length % 3 === 0
            ? new Uint8Array(structuredClone(chunk.buffer, { transfer: [chunk.buffer as ArrayBuffer] }))
            : chunk,
        );
      });
    });
    const sent = Array.from({ length: 8 }, () => client.open());
    const expected = sent.map((): Uint8Array[] => []);
    for (let i = 0; i < 200; i++) {
      const to = integer(random, 0, 7);
      const piece = bytes(random, integer(random, 1, 9000));
      expected[to]!.push(piece);
      sent[to]!.next(piece);
      run(10 * i);
    }
    for (const one of sent) one.complete();
    run(20_000);
    expect(kept.length).toBe(8);
    for (const [i, chunks] of kept.entries()) {
      expect(Buffer.compare(Buffer.concat(chunks), Buffer.concat(expected[i] as Uint8Array[]))).toBe(0);
    }
  },
);

test('whoever subscribes to the session of a mux, too, gets messages to keep', () => {
  const random = seeded(5);
  const { client, sessions, run } = muxPair();
  const kept: Uint8Array[] = [];
  const copies: Uint8Array[] = [];
  sessions[1].subscribe((message) => {
    kept.push(message);
    copies.push(message.slice());
  });
  const stream = client.open();
  for (let i = 0; i < 20; i++) {
    stream.next(bytes(random, 3000));
    run(20 * i);
  }
  run(2000);
  expect(kept.length).toBeGreaterThan(10);
  expect(Buffer.compare(Buffer.concat(kept), Buffer.concat(copies))).toBe(0);
});
