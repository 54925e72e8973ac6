// Frames of the resume layer: what is written is read, and nothing else is.

import { describe, expect, test } from 'vitest';
import { DATA_OVERHEAD, decodeFrame, encodeFrame, type ResumeFrame } from '../../../src/core/resume/frame.ts';
import { fromHex, toHex as hex } from '../../support/hex.ts';

const id = Uint8Array.from({ length: 16 }, (_, i) => i);
const secret = Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i);
const MOST = Number.MAX_SAFE_INTEGER;
const windows = { windowMessages: 1, windowBytes: 1000 };

/** Frames with the bytes that docs/resume.md gives them. */
const FRAMES: readonly (readonly [ResumeFrame, string])[] = [
  [{ kind: 'hello', id, epoch: 0, secret: undefined, received: 0, ...windows }, `0101${hex(id)}00 00 01 e807`],
  [{ kind: 'hello', id, epoch: 2, secret, received: 129, ...windows }, `0101${hex(id)}02${hex(secret)} 8101 01 e807`],
  [
    { kind: 'welcome', secret, epoch: 3, received: 7, windowMessages: 127, windowBytes: 128, expireAfter: 60_000 },
    `0201${hex(secret)}03 07 7f 8001 e0d403`,
  ],
  [{ kind: 'data', number: 1, ack: 0, payload: Uint8Array.of(9, 8) }, '03 01 00 0908'],
  [{ kind: 'data', number: MOST, ack: MOST, payload: new Uint8Array(0) }, '03 ffffffffffffff0f ffffffffffffff0f'],
  [{ kind: 'ack', ack: 16_384 }, '04 808001'],
  [{ kind: 'farewell', reason: 'done', sent: 5, ack: 4 }, '05 00 05 04'],
  [{ kind: 'farewell', reason: 'full', sent: 0, ack: 0 }, '05 05 00 00'],
];

const bytesOf = (text: string): Uint8Array => fromHex(text.replaceAll(' ', ''));
const violating = expect.objectContaining({ code: 'ERR_RESUME_VIOLATION', kind: 'violation' });

describe('a frame', () => {
  test.each(FRAMES.map(([frame, bytes]) => ({ frame, bytes })))('is written and read: $bytes', ({ frame, bytes }) => {
    expect(hex(encodeFrame(frame))).toBe(hex(bytesOf(bytes)));
    expect(decodeFrame(bytesOf(bytes))).toEqual(frame);
  });

  test('that ends early, or goes on, is a violation', () => {
    for (const [frame] of FRAMES) {
      const bytes = encodeFrame(frame);
      // A message may be of any length, and so may end anywhere behind its numbers.
      const least = frame.kind === 'data' ? bytes.length - frame.payload.length : bytes.length;
      for (let length = 0; length < least; length++) {
        expect(() => decodeFrame(bytes.subarray(0, length)), hex(bytes.subarray(0, length))).toThrow(violating);
      }
      if (frame.kind !== 'data') expect(() => decodeFrame(Uint8Array.of(...bytes, 0))).toThrow(violating);
    }
  });

  test.each([
    ['00', 'type 0'],
    ['06', 'type 6'],
    ['ff00', 'type 255'],
    ['04 8000', 'an integer that is longer than it has to be'],
    ['04 ffffffffffffff10', 'an integer above 2^53 − 1'],
    ['04 ffffffffffffffff01', 'an integer of nine bytes'],
    ['05 06 00 00', 'a reason that there is not'],
    [`0102${hex(id)}00 00 01 01`, 'version 2'],
    [`0201${hex(secret)}00 00 01 01 00`, 'a welcome of epoch 0'],
    [`0101${hex(id)}00 00 00 01`, 'a window of no messages'],
    [`0101${hex(id)}00 00 01 00`, 'a window of no bytes'],
  ])('%s is a violation: %s', (bytes) => {
    expect(() => decodeFrame(bytesOf(bytes))).toThrow(violating);
  });

  test('has no more in front of its payload than DATA_OVERHEAD says', () => {
    const frame = encodeFrame({ kind: 'data', number: MOST, ack: MOST, payload: new Uint8Array(100) });
    expect(frame.length).toBe(DATA_OVERHEAD + 100);
  });

  test('of data keeps its payload where it is; ids and secrets are copies', () => {
    const data = bytesOf('03 01 00 0908');
    const { payload } = decodeFrame(data) as { payload: Uint8Array };
    expect(payload.buffer).toBe(data.buffer);
    const hello = encodeFrame(FRAMES[1]![0]);
    const read = decodeFrame(hello) as { id: Uint8Array };
    hello.fill(0);
    expect(read.id).toEqual(id);
  });
});
